import { testPrepare } from '@ilp/service-testing'
import { describe, expect, it } from 'vitest'
import { document, nodeForAll } from '../support/cli.js'
import { eventually } from '../support/eventually.js'
import { tokenOf } from '../support/face.js'
import { post } from '../support/packets.js'
import { account, local } from '../support/settings.js'

const node = nodeForAll({
  ilpAddress: 'test.node',
  exchangeRates: { provider: 'static', rates: { USD: '1', EUR: '1.08' }, spread: '0.002' },
  allowVolatileSettlement: true,
  payments: { allowHttp: true, allowPrivateAddresses: true },
  accounts: [
    local('alice'),
    local('shop'),
    account('bob'),
    // Nobody answers there.
    account('gone', {
      btp: { outgoing: { url: 'ws://127.0.0.1:1/' } },
      http: { incomingTokens: [tokenOf('gone')], outgoing: { url: 'http://127.0.0.1:1/' } },
      settlement: { engineUrl: 'http://127.0.0.1:1', settleThreshold: '100', settleTo: '0' },
    }),
  ],
  routes: [{ prefix: 'test.file', account: 'bob' }],
})

describe('status', () => {
  it('tells whether the node takes packets, and what there is', async () => {
    const text = await node.text('status')
    expect(text.split('\n')[0]).toBe('✓ ready: packets are taken')
    expect(text).toMatch(/^address +test\.node$/m)
    expect(text).toMatch(/^accounts +4$/m)
    expect(text).toMatch(/^BTP links +0 up, 1 down: gone$/m)
    expect(await node.json('status')).toMatchObject({
      url: node.node.adminUrl,
      isReady: true,
      trouble: null,
      address: 'test.node',
      accounts: { total: 4, disabled: 0 },
      connections: { up: 0, down: ['gone'] },
      positions: expect.any(Array),
    })
  })
})

describe('routes', () => {
  it('lists them, adds one and removes it', async () => {
    expect(await node.text('routes', 'add', 'test.carol', 'bob')).toBe('packets for test.carol go to bob\n')
    expect(await node.json('routes', 'add', 'test.dave', 'bob')).toEqual({
      prefix: 'test.dave',
      account: 'bob',
    })
    const lines = (await node.text('routes', 'list')).split('\n')
    expect(lines[0]).toMatch(/^prefix +next hop +origin +state +since +path$/)
    expect(lines).toContainEqual(expect.stringMatching(/^test\.carol +bob +static +up +\d{4}-/))
    expect(lines).toContainEqual(expect.stringMatching(/^test\.file +bob +static \(file\) /))
    expect(lines).toContainEqual(expect.stringMatching(/^test\.node +this node +own /))
    const made = await node.json('routes', 'list', '--origin', 'static')
    expect(made.map(({ prefix }: { prefix: string }) => prefix)).toEqual([
      'test.carol',
      'test.dave',
      'test.file',
    ])
    expect(await node.text('routes', 'remove', 'test.carol')).toBe('the route for test.carol is removed\n')
    expect(await node.json('routes', 'remove', 'test.dave')).toEqual({ removed: 'test.dave' })
  })

  it('takes the prefix of everything', async () => {
    expect(await node.text('routes', 'add', '', 'bob')).toBe('packets for "" (everything else) go to bob\n')
    await node.text('routes', 'remove', '')
  })

  it('says what it can not do, and what to do', async () => {
    expect(await node.failure('routes', 'remove', 'test.nothing')).toMatchObject({
      exitCode: 1,
      error: {
        code: 'not-found',
        next: 'ilp-connector routes list --origin static shows those that there are.',
      },
    })
    expect((await node.failure('routes', 'remove', 'test.file')).error.next).toMatch(/configuration file/)
    expect((await node.failure('routes', 'add', 'test.x', 'eve')).error).toMatchObject({
      message: 'no account of this username: eve',
      next: expect.stringMatching(/accounts list/),
    })
    expect(await node.failure('routes', 'add', 'x..y', 'bob')).toMatchObject({
      exitCode: 2,
      error: { faults: [{ path: 'prefix', message: expect.stringMatching(/^expected the beginning/) }] },
    })
  })
})

describe('rates', () => {
  it('tells what each asset is worth', async () => {
    const text = await node.text('rates', 'list')
    expect(text).toMatch(/^spread +0\.002$/m)
    expect(text).toMatch(/^EUR +1\.08 +provider$/m)
    expect(await node.json('rates', 'list')).toMatchObject({
      provider: 'static',
      spread: '0.002',
      rates: { USD: '1', EUR: '1.08' },
    })
  })
})

describe('rates set and unset', () => {
  it('put a price by hand in the place of the provider’s, and give it back', async () => {
    expect(await node.text('rates', 'set', 'EUR', '1.1')).toBe('a whole EUR is worth 1.1 from now on\n')
    expect(await node.text('rates', 'list')).toMatch(/^EUR +1\.1 +by hand$/m)
    expect(await node.json('rates', 'set', 'XAU', '2400.5')).toEqual({ code: 'XAU', rate: '2400.5' })
    expect(await node.text('rates', 'unset', 'EUR')).toBe('the price of EUR is no longer set by hand\n')
    expect(await node.json('rates', 'unset', 'XAU')).toEqual({ unset: 'XAU' })
    expect(await node.text('rates', 'list')).toMatch(/^EUR +1\.08 +provider$/m)
    expect((await node.failure('rates', 'set', 'EUR', 'much')).exitCode).toBe(2)
    expect(await node.failure('rates', 'unset', 'EUR')).toMatchObject({
      exitCode: 1,
      error: { next: 'ilp-connector rates list shows those that were set by hand.' },
    })
  })
})

describe('connections', () => {
  it('lists them, and has one begin anew', async () => {
    const plugin = await node.node.plugin('bob')
    const lines = (await node.text('connections', 'list')).split('\n')
    expect(lines).toContainEqual(expect.stringMatching(/^bob +up +- +1 +0 +0$/))
    expect(lines).toContainEqual(expect.stringMatching(/^gone +down +ws:\/\/127\.0\.0\.1:1\/ +0 /))
    expect(await node.json('connections', 'list')).toContainEqual(
      expect.objectContaining({ account: 'bob', isUp: true, sessions: 1 }),
    )
    const isUp = async () => (await node.json('connections', 'list'))[0].account === 'bob'
    expect(await node.json('connections', 'reconnect', 'gone')).toEqual({ reconnecting: 'gone' })
    expect(await node.text('connections', 'reconnect', 'bob')).toBe('the links of bob are closed\n')
    await plugin.disconnect()
    await eventually(isUp).toBe(false)
    expect(await node.text('connections', 'list', '--http')).toMatch(
      /^gone +not used yet +http:\/\/127\.0\.0\.1:1\/ +0 +- +-$/m,
    )
    expect(await node.json('connections', 'list', '--http')).toMatchObject([{ account: 'gone' }])
    expect((await node.failure('connections', 'reconnect', 'eve')).error.message).toMatch(/: eve$/)
  })
})

describe('settlement', () => {
  it('lists what no engine has taken, and tries it again', async () => {
    await node.text('accounts', 'adjust', 'gone', '250', '--reason', 'to be settled')
    // The threshold is looked at when a packet has ended.
    const prepare = testPrepare({ destination: 'test.node.shop', units: 1n })
    await post(node.node.ilpUrl('gone'), tokenOf('gone'), prepare)
    await eventually(() => node.json('settlement', 'list')).toMatchObject({
      outbox: [{ account: 'gone', amount: '250', asset: { code: 'USD', scale: 9 } }],
      outboxSize: 1,
      engines: [{ url: 'http://127.0.0.1:1', waiting: 1 }],
    })
    const text = await node.text('settlement', 'list')
    expect(text).toMatch(/^gone +0\.000000250 +USD +\d{4}-/m)
    expect(text).toMatch(/^http:\/\/127\.0\.0\.1:1 +\S/m)
    expect(await node.text('settlement', 'retry')).toBe('the requests are on their way\n')
    expect(await node.json('settlement', 'retry')).toEqual({ retrying: true })
  })
})

describe('log-level', () => {
  it('shows the level, and changes it', async () => {
    expect(await node.text('log-level')).toBe('info\n')
    expect(await node.json('log-level', 'warn')).toEqual({ level: 'warn' })
    expect(await node.text('log-level')).toBe('warn\n')
    expect((await node.failure('log-level', 'loud')).exitCode).toBe(2)
  })
})

describe('positions', () => {
  it('shows them by asset', async () => {
    await node.text('accounts', 'adjust', 'bob', '1500000000', '--reason', 'x')
    const text = await node.text('positions')
    expect(text.split('\n')[0]).toMatch(/^asset +packets +settled +adjusted$/)
    expect(text).toMatch(/^USD +\S*\.\d{9} +\S*\.\d{9} +-\d\.\d{9}$/m)
    expect(await node.json('positions')).toEqual([
      expect.objectContaining({ asset: { code: 'USD', scale: 9 } }),
    ])
  })
})

describe('events', () => {
  it('shows links, and ends with SIGINT', async () => {
    const events = await node.begin(['events', '--type', 'link'])
    await eventually(events.err).toMatch(/^Listening to .*\. Ctrl-C ends it\.\n$/)
    const plugin = await node.node.plugin('bob')
    await eventually(events.out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}link {5}bob is up\n$/)
    await plugin.disconnect()
    await eventually(events.out).toMatch(/bob is down\n$/)
    events.process.kill('SIGINT')
    expect((await events.ended).exitCode).toBe(0)
  })

  it('prints a document a line, and those that are asked for', async () => {
    const events = await node.begin(['events', '--json', '--type', 'payment', 'balance'])
    const seen = () =>
      events
        .out()
        .split('\n')
        .filter(line => line !== '')
        .map(line => document(`${line}\n`) as { event: string; end?: string | null; account: string })
    // Nobody says when it listens: whoever pays until it tells of it will see.
    const pay = ['pay', `${node.node.url}/accounts/shop/spsp`, '1000', '--account', 'alice', '--json']
    await eventually(async () => {
      if (seen().length === 0) await node.run(pay)
      return seen().length
    }).toBeGreaterThan(0)
    await eventually(() => seen().some(({ event, end }) => event === 'payment' && end === 'completed')).toBe(
      true,
    )
    await eventually(() => seen().some(({ event }) => event === 'balance')).toBe(true)
    expect(new Set(seen().map(({ event }) => event))).toEqual(new Set(['payment', 'balance']))
    events.process.kill('SIGINT')
    expect(await events.ended).toMatchObject({ exitCode: 0, err: '' })
  })

  it('ends quietly where nobody reads any more', async () => {
    const events = await node.begin(['events'])
    await eventually(events.err).toMatch(/Listening/)
    events.process.stdout?.destroy()
    const plugin = await node.node.plugin('bob')
    await plugin.disconnect()
    const { exitCode, err } = await events.ended
    expect([exitCode, err]).toEqual([0, expect.stringMatching(/^[^\n]*\n$/)])
  })

  it('knows which there are', async () => {
    expect((await node.failure('events', '--type', 'nothing')).exitCode).toBe(2)
  })
})
