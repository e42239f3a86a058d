import { describe, expect, it } from 'vitest'
import { document, nodeForAll, type RunningCli } from '../support/cli.js'
import { configFile } from '../support/command.js'
import { startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { credentialsOf } from '../support/payments.js'
import { account, local } from '../support/settings.js'
import { SlowPeer } from '../support/slow-peer.js'

const node = nodeForAll({
  ilpAddress: 'test.near',
  exchangeRates: { provider: 'static', rates: { USD: '1', EUR: '2' } },
  payments: { allowHttp: true, allowPrivateAddresses: true },
  accounts: [
    local('alice'),
    local('shop', { asset: { code: 'EUR', scale: 6 } }),
    account('peer', { relation: 'peer', ilpAddress: 'test.peer' }),
  ],
  routes: [{ prefix: 'test.far', account: 'peer' }],
})

const shop = () => `${node.node.url}/accounts/shop/spsp`
const pay = (...more: string[]) => ['pay', shop(), ...more, '--account', 'alice']

describe('pay', () => {
  it('pays, and tells what was sent and delivered, to the last digit', async () => {
    const { exitCode, out, err } = await node.run(pay('1.50USD'))
    expect([exitCode, err]).toEqual([
      0,
      expect.stringMatching(/^Paying http:\S+ from alice: payment [0-9a-f-]{36}\n$/),
    ])
    const lines = out.split('\n')
    expect(lines[0]).toBe('✓ paid')
    expect(lines).toContain(`to          ${shop()}`)
    expect(lines).toContain('sent        1.500000000 USD')
    expect(lines).toContain('delivered   0.750000 EUR')
    expect(lines).toContainEqual(expect.stringMatching(/^took +\d+\.\d s$/))
  })

  it('prints one document, and pays once for each key', async () => {
    const paid = await node.json(...pay('2000000', '--key', 'once'))
    expect(paid).toMatchObject({
      account: 'alice',
      pointer: shop(),
      amount: { source: '2000000' },
      end: 'completed',
      sent: '2000000',
      delivered: '1000',
      asset: { code: 'USD', scale: 9 },
      receiverAsset: { code: 'EUR', scale: 6 },
    })
    expect(await node.json(...pay('2000000', '--key', 'once'))).toEqual(paid)
    expect(await node.failure(...pay('2000001', '--key', 'once'))).toMatchObject({
      exitCode: 1,
      error: { code: 'conflict', next: 'Use the same --key for the same request only.' },
    })
  })

  it('delivers an amount, for so much at the most', async () => {
    const terms = ['--deliver', '--slippage', '0.5', '--min-rate', '1/2001', '--timeout', '1m']
    expect(await node.json(...pay('700', ...terms, '--source-max', '0.0014USD'))).toMatchObject({
      end: 'completed',
      amount: { delivery: '700', sourceMax: '1400000' },
      delivered: '700',
      sent: '1400000',
    })
    const { exitCode, out } = await node.run(pay('700', '--deliver', '--source-max', '1300000'))
    expect(exitCode).toBe(1)
    expect(out).toMatch(/^✗ it would cost more than it may\n/)
    expect(out).toMatch(/^sent +0\.001300000 USD$/m)
    expect(out).toMatch(/^delivered +0\.000650 EUR$/m)
    expect(out).toMatch(/\nAllow more with --source-max\.\n$/)
  })

  it('pays an ILP address with its secret', async () => {
    const { destinationAccount, sharedSecret } = await credentialsOf(node.node, 'shop')
    const secret = await configFile(`${sharedSecret.toString('base64')}\n`, 'secret.txt')
    const args = ['pay', destinationAccount, '4000', '--account', 'alice', '--secret-file', secret]
    expect(await node.json(...args)).toMatchObject({ end: 'completed', delivered: '2' })
  })

  it('says why nobody was paid', async () => {
    const nobody = `${node.node.url}/accounts/nobody/spsp`
    const { exitCode, out } = await node.run(['pay', nobody, '5', '--account', 'alice'])
    expect([exitCode, out.split('\n')[0]]).toEqual([1, '✗ nothing was paid'])
    expect(out).toMatch(/^delivered +nothing$/m)
    expect(out).toMatch(/^why +\S+ has no such receiver$/m)
    const { exitCode: code, out: json } = await node.run(['pay', nobody, '5', '--account', 'alice', '--json'])
    expect([code, document(json)]).toMatchObject([1, { end: 'failed', sent: '0' }])
  })

  it.each([
    [['$x.example', '5'], /^the node has several local accounts: alice \(USD\/9\), shop \(EUR\/6\)$/],
    [['bob', '5', '--account', 'alice'], /^"bob" is nobody who can be paid$/],
    [['test.far.shop', '5', '--account', 'alice'], /^an ILP address alone can not be paid$/],
    [['$x.example', '0', '--account', 'alice'], /^the amount is 0: expected more than 0$/],
    [
      ['$x.example', '0.5', '--account', 'alice'],
      /^the amount is 0\.5: expected a whole number of units, or 0\.5USD$/,
    ],
    [['$x.example', '5USD', '--deliver', '--account', 'alice'], /^with --deliver, the amount is in units/],
    [['$x.example', '5', '--source-max', '6', '--account', 'alice'], /^--source-max goes with --deliver$/],
    [
      ['$x.example', '5', '--secret-file', '-', '--account', 'alice'],
      /^--secret-file goes with an ILP address$/,
    ],
    [
      ['$x.example', '5', '--slippage', 'none', '--account', 'alice'],
      /^--slippage is none: expected percent/,
    ],
    [
      ['$x.example', '5', '--min-rate', '0.9', '--account', 'alice'],
      /^--min-rate is 0\.9: expected two whole/,
    ],
    [['$x.example', '5', '--timeout', '5', '--account', 'alice'], /^--timeout is "5": expected a time/],
    [
      ['$x.example', '5', '--timeout', '25h', '--account', 'alice'],
      /^--timeout is 25h: expected 24h at most$/,
    ],
    [['$x.example', `${2n ** 64n}`, '--account', 'alice'], /^the node refuses what it was given$/],
    [['$x.example'], /^missing required argument 'amount'$/],
  ])('%j is wrong usage', async (args, message) => {
    const { exitCode, error } = await node.failure('pay', ...args)
    expect([exitCode, error.code, error.message]).toEqual([2, 'usage', expect.stringMatching(message)])
  })

  it.each([
    ['nobody', 'not-found', /accounts list/],
    ['peer', 'conflict', /accounts list --relation local/],
  ])('out of the account of %s is refused', async (username, code, next) => {
    const { exitCode, error } = await node.failure('pay', shop(), '5', '--account', username)
    expect([exitCode, error.code, error.next]).toEqual([1, code, expect.stringMatching(next)])
  })
})

/** A shop behind a peer that lets three packets through, and then waits; a payment to it has got so far. */
async function underWay(...more: string[]): Promise<{ peer: SlowPeer; paying: RunningCli }> {
  const far = await startConnector({
    ilpAddress: 'test.far',
    accounts: [local('shop'), account('near', { relation: 'peer', maxPacketAmount: '100' })],
  })
  const peer = new SlowPeer(await node.node.plugin('peer'), far, 3)
  const args = ['pay', `${far.url}/accounts/shop/spsp`, '1000', '--account', 'alice', ...more]
  const paying = await node.begin(args)
  await peer.holds()
  return { peer, paying }
}

describe('SIGINT', () => {
  it('cancels the payment, and what was sent and delivered is told', async () => {
    const { peer, paying } = await underWay()
    paying.process.kill('SIGINT')
    await eventually(paying.err).toMatch(/^Cancelling: what is in flight is waited for\./m)
    peer.release()
    const { exitCode, out } = await paying.ended
    expect([exitCode, out.split('\n')[0]]).toEqual([130, '✗ cancelled'])
    const sent = /^sent +(\S+) USD$/m.exec(out)?.[1]
    expect(sent).toMatch(/^0\.000000[1-9]\d\d$/)
    expect(out).toMatch(new RegExp(`^delivered +${sent} USD$`, 'm'))
    expect(await node.text('accounts', 'balance', 'peer')).toContain(`balance    ${sent} USD`)
  })

  it('prints one document all the same', async () => {
    const { peer, paying } = await underWay('--json')
    paying.process.kill('SIGINT')
    await eventually(
      async () => (await node.json('payments', 'list', '--account', 'alice'))[0].end === null,
    ).toBe(true)
    peer.release()
    const { exitCode, out, err } = await paying.ended
    const { end, sent, delivered, inFlight } = document(out)
    expect([exitCode, err, end, inFlight]).toEqual([130, '', 'cancelled', '0'])
    expect(sent).toBe(delivered)
    expect(BigInt(sent)).toBeGreaterThan(0n)
  })

  it('that comes again leaves the rest to the node', async () => {
    const { peer, paying } = await underWay()
    const again = setInterval(() => paying.process.kill('SIGINT'), 100)
    expect((await paying.ended).exitCode).toBe(130)
    clearInterval(again)
    peer.release()
    const list = () => node.json('payments', 'list', '--account', 'alice')
    await eventually(async () => (await list())[0].end).toBe('cancelled')
  })
})

describe('payments', () => {
  it('are listed, shown, followed and cancelled', async () => {
    const { peer, paying } = await underWay()
    const [, id = ''] = /payment (\S+)\n/.exec(paying.err()) ?? []
    const of = ['--account', 'alice']
    const shown = await node.json('payments', 'show', id, ...of)
    expect(shown).toMatchObject({ id, end: null, amount: { source: '1000' } })
    const text = await node.text('payments', 'show', id, ...of)
    expect(text).toMatch(/^… under way\n/)
    expect(text).toMatch(/^in flight +0\.0000\d+ USD$/m)
    expect(await node.text('payments', 'list', ...of)).toMatch(
      new RegExp(`Z +http\\S+ +\\S+ USD +under way +${id}$`, 'm'),
    )
    const following = await node.begin(['payments', 'follow', id, ...of, '--json'])
    const cancelling = await node.begin(['payments', 'cancel', id, ...of])
    // It is over as soon as nothing is in flight.
    const isOver = new Promise(resolve => cancelling.process.once('exit', resolve))
    const release = setInterval(peer.release, 500)
    await isOver
    clearInterval(release)
    expect(await cancelling.ended).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^✗ cancelled\n/),
    })
    const followed = await following.ended
    expect([followed.exitCode, document(followed.out).end]).toEqual([1, 'cancelled'])
    expect(await paying.ended).toMatchObject({ exitCode: 1, out: expect.stringMatching(/^✗ cancelled\n/) })
  })

  it('that nobody knows are said to be so', async () => {
    expect(await node.failure('payments', 'show', 'x', '--account', 'alice')).toMatchObject({
      exitCode: 1,
      error: { code: 'not-found', next: expect.stringContaining('payments list') },
    })
    expect(await node.text('payments', 'list', '--account', 'shop')).toMatch(/^no payments/)
  })
})
