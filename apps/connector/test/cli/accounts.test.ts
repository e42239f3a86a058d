import { describe, expect, it } from 'vitest'
import { nodeForAll } from '../support/cli.js'
import { configFile } from '../support/command.js'
import { account, local, usd } from '../support/settings.js'

const node = nodeForAll({ ilpAddress: 'test.node', accounts: [local('alice'), account('bob')] })

/** Makes an account that the test has for itself. */
const create = (username: string, ...more: string[]) =>
  node.json('accounts', 'create', username, '--relation', 'child', '--asset', 'USD/9', ...more)

describe('accounts list', () => {
  it('shows a table, or the accounts', async () => {
    const lines = (await node.text('accounts', 'list', '--origin', 'file')).split('\n')
    expect(lines[0]).toBe('username   relation   asset   ILP address   links      origin   state')
    expect(lines).toContain('bob        child      USD/9   -             btp http   file     enabled')
    const shown = await node.json('accounts', 'list', '--relation', 'local', '--asset', 'USD')
    expect(shown).toEqual([expect.objectContaining({ username: 'alice', asset: usd, origin: 'file' })])
  })

  it('says that there are none', async () => {
    expect(await node.text('accounts', 'list', '--asset', 'XAU')).toBe('no accounts\n')
    expect(await node.json('accounts', 'list', '--asset', 'XAU')).toEqual([])
  })
})

describe('accounts show', () => {
  it('shows each setting, amounts in the asset and in units', async () => {
    const text = await node.text('accounts', 'show', 'bob')
    expect(text).toMatch(/^relation +child$/m)
    expect(text).toMatch(/^minBalance +-1000\.000000000 USD \(-1000000000000 units\)$/m)
    expect(await node.json('accounts', 'show', 'bob')).toMatchObject({ username: 'bob', relation: 'child' })
  })

  it('says whom nobody knows, and what to do', async () => {
    const { exitCode, out, err } = await node.run(['accounts', 'show', 'eve'])
    expect([exitCode, out]).toEqual([1, ''])
    expect(err).toBe(
      'error: no account of this username: eve\nNext: ilp-connector accounts list shows those that there are.\n',
    )
    expect(await node.failure('accounts', 'show', 'eve')).toEqual({
      exitCode: 1,
      error: {
        code: 'not-found',
        message: 'no account of this username: eve',
        status: 404,
        next: 'ilp-connector accounts list shows those that there are.',
      },
    })
  })
})

describe('accounts create', () => {
  it('takes settings from the line, and secrets from files', async () => {
    const token = await configFile('a-secret-token\n', 'token.txt')
    const args = [
      ...['accounts', 'create', 'carol', '--relation', 'peer', '--asset', 'EUR/2'],
      ...['--set', 'ilpAddress=test.carol', '--set', 'minBalance=-150', '--set', 'sendRoutes=false'],
      ...['--set', 'rateLimit.packetsPerMinute=60', '--set', 'btp.outgoing.url=ws://127.0.0.1:1/'],
      ...['--set-file', `btp.outgoing.token=${token}`, '--set', 'http.incomingTokens=carols'],
    ]
    const text = await node.text(...args)
    expect(text).toMatch(/^minBalance +-1\.50 EUR \(-150 units\)$/m)
    expect(text).not.toContain('a-secret-token')
    expect(await node.json('accounts', 'show', 'carol')).toMatchObject({
      relation: 'peer',
      ilpAddress: 'test.carol',
      asset: { code: 'EUR', scale: 2 },
      minBalance: '-150',
      sendRoutes: false,
      rateLimit: { packetsPerMinute: 60 },
      btp: { outgoing: { url: 'ws://127.0.0.1:1/' } },
      http: {},
      origin: 'api',
    })
    const asCarol = await fetch(node.node.ilpUrl('carol'), {
      method: 'POST',
      headers: { authorization: 'Bearer carols' },
    })
    expect(asCarol.status).not.toBe(401)
  })

  it('takes a file, also from the standard input, and makes it once for each key', async () => {
    const yaml = 'relation: child\nasset: { code: USD, scale: 6 }\nmaxBalance: "1000"\n'
    const args = ['accounts', 'create', 'dave', '--file', '-', '--key', 'dave-once', '--json']
    const [one, other] = [await node.run(args, { input: yaml }), await node.run(args, { input: yaml })]
    expect(JSON.parse(one.out)).toMatchObject({ username: 'dave', maxBalance: '1000' })
    expect(other.out).toBe(one.out)
    const file = await configFile(`username: dora\n${yaml}`)
    expect(await node.json('accounts', 'create', '--file', file)).toMatchObject({ username: 'dora' })
  })

  it.each([
    [['--asset', 'USD'], 'the asset is USD: expected CODE/SCALE, such as USD/9'],
    [
      ['--relation', 'friend'],
      /argument 'friend' is invalid. Allowed choices are parent, peer, child, local/,
    ],
    [
      ['--set', 'minBalanc=1'],
      /^minBalanc is no setting of an account: expected one of username, id, relation/,
    ],
    [['--set', '__proto__.x=1'], /^__proto__ is no setting/],
    [
      ['--set', 'btp.outgoing.uri=1'],
      'btp.outgoing.uri is no setting of an account: expected one of url, token',
    ],
    [['--set', 'minBalance'], '--set needs SETTING=VALUE'],
    [['--set-file', 'btp.outgoing.token=/nowhere'], "/nowhere can't be read: ENOENT"],
    [['--file', '/nowhere'], "/nowhere can't be read: ENOENT"],
  ])('%j is wrong usage', async (more, message) => {
    const args = ['accounts', 'create', 'x', '--relation', 'child', '--asset', 'USD/9', ...more]
    const { exitCode, error } = await node.failure(...args)
    expect([exitCode, error.code]).toEqual([2, 'usage'])
    expect(error.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  it('says how to give what is missing', async () => {
    const { error } = await node.failure('accounts', 'create', 'x', '--relation', 'child')
    expect(error).toMatchObject({
      code: 'usage',
      message: 'the account has no asset',
      next: expect.stringContaining('--asset USD/9'),
    })
  })

  it('says which setting the node refuses, and why', async () => {
    const args = ['accounts', 'create', 'x', '--relation', 'child', '--asset', 'USD/9']
    const { exitCode, err } = await node.run([
      ...args,
      '--set',
      'minBalance=1.5',
      '--set',
      'btp.outgoing.url=x',
    ])
    expect(exitCode).toBe(2)
    const lines = err.split('\n')
    expect(lines[0]).toBe('error: the node refuses what it was given')
    expect(lines).toContain('  minBalance: expected a whole number in quotes, such as "-1000"')
    expect(err).toMatch(/^ {2}btp\.outgoing\.url: expected a URL that begins with ws:/m)
    expect(err).toMatch(/^Next: The same command with --help/m)
    const { error } = await node.failure(...args, '--set', 'maxPacketAmount=-1')
    expect(error).toMatchObject({ code: 'usage', status: 400, faults: [{ path: 'maxPacketAmount' }] })
  })

  it('says once what does not go with what is there', async () => {
    const args = ['accounts', 'create', 'bob', '--relation', 'child', '--asset', 'USD/9']
    const message = 'another account has this username'
    expect(await node.failure(...args)).toMatchObject({
      exitCode: 1,
      error: { code: 'conflict', message, faults: [{ path: 'username', message }] },
    })
    const { err } = await node.run(args)
    expect(err.split('\n').filter(line => line.includes(message))).toEqual([`error: ${message}`])
  })
})

describe('accounts change', () => {
  it.each(['asset.code=EUR', 'id=x', 'username=x'])('says that %s never changes', async setting => {
    const { exitCode, error } = await node.failure('accounts', 'change', 'bob', '--set', setting)
    const [name] = setting.split(/[.=]/)
    expect([exitCode, error.message]).toEqual([2, `the ${name} of an account never changes`])
  })

  it('changes parts of a setting, takes some away, and leaves the others', async () => {
    await create('erin', '--set', 'btp.outgoing.url=ws://127.0.0.1:1/', '--set', 'maxPacketAmount=9')
    const text = await node.text(
      ...['accounts', 'change', 'erin', '--set', 'btp.outgoing.url=ws://127.0.0.1:2/'],
      ...['--set', 'rateLimit.amountPerMinute=500', '--unset', 'maxPacketAmount', '--disable'],
    )
    expect(text).toMatch(/^isDisabled +true$/m)
    const shown = await node.json(
      'accounts',
      'change',
      'erin',
      '--set',
      'rateLimit.packetsPerMinute=7',
      '--enable',
    )
    expect(shown).toMatchObject({
      isDisabled: false,
      btp: { outgoing: { url: 'ws://127.0.0.1:2/' } },
      rateLimit: { amountPerMinute: '500', packetsPerMinute: 7 },
    })
    expect(shown).not.toHaveProperty('maxPacketAmount')
  })

  it('says what it can not do', async () => {
    expect(await node.failure('accounts', 'change', 'bob', '--disable')).toMatchObject({
      exitCode: 1,
      error: { code: 'conflict', next: 'Change it in the configuration file, and start the node again.' },
    })
    expect(await node.failure('accounts', 'change', 'bob')).toMatchObject({ exitCode: 2 })
    expect(await node.failure('accounts', 'change', 'bob', '--unset', 'btp.outgoing.token')).toMatchObject({
      exitCode: 2,
      error: { next: expect.stringContaining('--unset btp.outgoing') },
    })
    expect((await node.failure('accounts', 'change', 'bob', '--enable', '--disable')).exitCode).toBe(2)
  })
})

describe('accounts rotate-token', () => {
  it('prints the new token by itself, and voids the others but those that are kept', async () => {
    await create('frank', '--set', 'http.incomingTokens=[first, second]')
    const status = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(node.node.ilpUrl('frank'), { method: 'POST', headers })).status
    }
    const args = ['accounts', 'rotate-token', 'frank', '--link', 'http', '--keep-file', '-']
    const { out, err } = await node.run(args, { input: 'first\n' })
    expect(out).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
    expect(err).toBe('The new http token of frank; of the former ones, those kept are good:\n')
    expect(await Promise.all([out.trim(), 'first', 'second'].map(status))).toEqual([415, 415, 401])
    const made = await node.json('accounts', 'rotate-token', 'frank', '--link', 'http')
    expect(made).toEqual({ account: 'frank', link: 'http', token: expect.stringMatching(/^.{43}$/) })
    expect(await status('first')).toBe(401)
  })

  it('wants to know which link', async () => {
    const { exitCode, error } = await node.failure('accounts', 'rotate-token', 'bob')
    expect([exitCode, error.message]).toEqual([2, "required option '--link <link>' not specified"])
  })
})

describe('accounts balance, adjust and adjustments', () => {
  it('post and show money to the last digit', async () => {
    await create('grace')
    expect(await node.text('accounts', 'adjust', 'grace', '1500000001', '--reason', 'a bank transfer')).toBe(
      '1.500000001 USD posted to grace; the balance is 1.500000001 USD\n',
    )
    const posted = await node.json('accounts', 'adjust', 'grace', '-500', '--reason', 'a fee', '--key', 'fee')
    expect(posted).toEqual({ account: 'grace', asset: usd, key: 'fee', amount: '-500', reason: 'a fee' })
    await node.text('accounts', 'adjust', 'grace', '--reason', 'a fee', '--key', 'fee', '--', '-0.0000005USD')
    expect(await node.text('accounts', 'balance', 'grace')).toBe(
      [
        'account    grace',
        'balance    1.499999501 USD (1499999501 units), which the node owes it',
        'held out   0.000000000 USD (0 units)',
        'held in    0.000000000 USD (0 units)',
        '',
      ].join('\n'),
    )
    const shown = { account: 'grace', asset: usd, balance: '1499999501', heldOut: '0', heldIn: '0' }
    expect(await node.json('accounts', 'balance', 'grace')).toEqual(shown)
    expect(await node.json('accounts', 'balance')).toContainEqual(shown)
    const bob = { ...shown, account: 'bob', balance: '0' }
    expect(await node.json('accounts', 'balance', 'grace', 'bob')).toEqual([shown, bob])
    const lines = (await node.text('accounts', 'balance', 'bob', 'grace')).split('\n')
    expect(lines).toEqual([
      'account       balance      held out       held in   asset        units',
      'bob       0.000000000   0.000000000   0.000000000   USD              0',
      'grace     1.499999501   0.000000000   0.000000000   USD     1499999501',
      '',
    ])
    expect(await node.json('accounts', 'adjustments', 'grace')).toEqual([
      { key: 'fee', amount: '-500', reason: 'a fee', postedAtMs: expect.any(Number) },
      expect.objectContaining({ amount: '1500000001', reason: 'a bank transfer' }),
    ])
    const table = await node.text('accounts', 'adjustments', 'grace')
    expect(table).toMatch(/Z +-0\.000000500 +USD +a fee +fee$/m)
  })

  it.each([
    ['1.5', 'the amount is 1.5: expected a whole number of units, or 1.5USD'],
    ['1EUR', /^the amount is in EUR: expected units/],
    ['1.0000000001USD', 'the amount is 1.0000000001USD: USD has 9 digits behind the point here'],
    ['much', /^the amount is "much": expected units such as 1500, or USD such as 1\.5USD/],
  ])('adjust refuses %s', async (amount, message) => {
    const { exitCode, error } = await node.failure('accounts', 'adjust', 'bob', amount, '--reason', 'x')
    expect(exitCode).toBe(2)
    expect(error.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  it('adjust refuses zero, and a key that was for something else', async () => {
    await create('heidi')
    expect((await node.failure('accounts', 'adjust', 'heidi', '0', '--reason', 'x')).exitCode).toBe(2)
    const adjust = (amount: string) => ['accounts', 'adjust', 'heidi', amount, '--reason', 'x', '--key', 'k']
    await node.text(...adjust('1'))
    expect(await node.failure(...adjust('2'))).toMatchObject({
      exitCode: 1,
      error: { code: 'conflict', next: 'Use the same --key for the same request only.' },
    })
  })
})

describe('accounts delete', () => {
  it('deletes what has no money', async () => {
    await create('ivan')
    expect(await node.text('accounts', 'delete', 'ivan')).toBe('ivan is deleted\n')
    await create('judy')
    expect(await node.json('accounts', 'delete', 'judy', '--wait', '100ms')).toEqual({ deleted: 'judy' })
    expect((await node.failure('accounts', 'show', 'judy')).exitCode).toBe(1)
  })

  it('says how what has money is deleted', async () => {
    await create('kim')
    await node.text('accounts', 'adjust', 'kim', '5', '--reason', 'x')
    const { exitCode, err } = await node.run(['accounts', 'delete', 'kim'])
    expect([exitCode, err]).toEqual([
      1,
      'error: it is disabled; its balance is 5\nNext: Settle it or adjust it to zero, or write it off: --write-off "the reason".\n',
    ])
    await node.text('accounts', 'delete', 'kim', '--write-off', 'gone')
    const wait = async (time: string) =>
      (await node.failure('accounts', 'delete', 'kim', '--wait', time)).error.message
    expect(await wait('long')).toBe('--wait is "long": expected a time such as 30s')
    expect(await wait('31s')).toBe('--wait is 31s: expected 30s at most')
  })
})
