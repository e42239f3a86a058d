import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig, loadConfig } from './load.js'

const smallest = { ilpAddress: 'test.alice', secretSeed: 'ab'.repeat(32) }
const account = { username: 'bob', relation: 'child', asset: { code: 'USD', scale: 9 } }

describe('checkConfig', () => {
  it('fills in the defaults', () => {
    expect(checkConfig(smallest)).toMatchObject({
      listen: { host: '127.0.0.1', port: 7770 },
      formerSecretSeeds: [],
      store: 'memory:',
      expiry: { minMessageWindowMs: 1_000, maxHoldMs: 30_000 },
      leaseMs: 5_000,
      inFlightMax: 10_000,
      accounts: [],
      routes: [],
    })
  })

  it('reads amounts and limits exactly', () => {
    const config = checkConfig({
      ...smallest,
      accounts: [
        {
          ...account,
          minBalance: '-9007199254740993',
          maxBalance: `${2n ** 80n}`,
          maxPacketAmount: `${2n ** 64n - 1n}`,
        },
      ],
    })
    expect(config.accounts[0]).toMatchObject({
      minBalance: -9007199254740993n,
      maxBalance: 2n ** 80n,
      maxPacketAmount: 2n ** 64n - 1n,
    })
  })

  const of = (change: object) => ({ ...smallest, accounts: [{ ...account, ...change }] })
  const twice = (change: object) => ({
    ...smallest,
    accounts: [account, { ...account, username: 'eve', ...change }],
  })
  it.each<[string, unknown, string]>([
    ['an unknown setting', { ...smallest, ilpAdress: 'test.a' }, 'ilpAdress: unknown setting'],
    ['an unknown setting of an account', of({ minBalence: '0' }), 'accounts[0].minBalence: unknown setting'],
    ['a number for an amount', of({ minBalance: -100 }), 'accounts[0].minBalance: expected string'],
    ['a fraction', of({ minBalance: '1.5' }), 'accounts[0].minBalance: expected a whole number'],
    [
      'an amount above u64',
      of({ maxPacketAmount: `${2n ** 64n}` }),
      'accounts[0].maxPacketAmount: expected "0" to',
    ],
    [
      'limits the wrong way round',
      of({ minBalance: '1', maxBalance: '0' }),
      'accounts[0].minBalance: expected at most',
    ],
    ['a relation that is none', of({ relation: 'friend' }), 'accounts[0].relation: '],
    ['a scale of 256', of({ asset: { code: 'USD', scale: 256 } }), 'accounts[0].asset.scale: '],
    ['a username with a dot', of({ username: 'a.b' }), 'accounts[0].username: expected 1 to 64'],
    ['an id with a slash', of({ id: 'a/b' }), 'accounts[0].id: expected 1 to 128'],
    [
      'a URL of another scheme',
      of({ http: { outgoing: { url: 'ftp://x' } } }),
      'accounts[0].http.outgoing.url: expected',
    ],
    [
      'a token in a URL',
      of({ btp: { outgoing: { url: 'wss://us:token@bob.example/btp' } } }),
      'accounts[0].btp.outgoing.url: expected a URL without a password',
    ],
    [
      'a token that no header can carry',
      of({ http: { incomingTokens: ['two\nlines'] } }),
      'accounts[0].http.incomingTokens[0]: expected visible ASCII',
    ],
    [
      'settlement without an engine',
      of({ settlement: {} }),
      'accounts[0].settlement.engineUrl: missing: expected',
    ],
    [
      'an engine that is no web server',
      of({ settlement: { engineUrl: 'redis://127.0.0.1' } }),
      'accounts[0].settlement.engineUrl: expected a URL that begins with http:// or https://',
    ],
    [
      'settling below the minimum',
      of({ settlement: { engineUrl: 'http://127.0.0.1:3000', settleTo: '-1' } }),
      'accounts[0].settlement.settleTo: expected at least minBalance, "0"',
    ],
    [
      'a threshold that leaves nothing to settle',
      of({ settlement: { engineUrl: 'http://127.0.0.1:3000', settleThreshold: '9', settleTo: '10' } }),
      'accounts[0].settlement.settleThreshold: expected at least settleTo',
    ],
    ['two accounts of one name', twice({ username: 'bob' }), 'accounts[1].username: accounts[0] has this'],
    ['two accounts of one id', twice({ id: 'bob' }), 'accounts[1].id: accounts[0] has this'],
    [
      'one token for two accounts',
      {
        ...smallest,
        accounts: [
          { ...account, http: { incomingTokens: ['t'] } },
          { ...account, username: 'eve', btp: { incomingTokens: ['t'] } },
        ],
      },
      'accounts[1].btp.incomingTokens: accounts[0] has',
    ],
    [
      'no address and no parent',
      { secretSeed: smallest.secretSeed },
      'ilpAddress: expected an ILP address, or',
    ],
    ['an address that is none', { ...smallest, ilpAddress: 'test' }, 'ilpAddress: expected an ILP address'],
    ['no secret', { ilpAddress: 'test.alice' }, 'secretSeed: '],
    ['a short secret', { ...smallest, secretSeed: 'abc' }, 'secretSeed: expected 64 hexadecimal digits'],
    [
      'an admin listener without a token',
      { ...smallest, adminListen: '127.0.0.1:1' },
      'adminToken: expected a token',
    ],
    ['a port that is none', { ...smallest, listen: '127.0.0.1:70000' }, 'listen: expected a port'],
    ['a listener without a port', { ...smallest, listen: '127.0.0.1' }, 'listen: expected HOST:PORT'],
    [
      'a short former secret',
      { ...smallest, formerSecretSeeds: ['abc'] },
      'formerSecretSeeds[0]: expected 64',
    ],
    ['another store', { ...smallest, store: 'mysql://x' }, 'store: expected memory:'],
    ['a server without a name', { ...smallest, store: 'redis://' }, 'store: expected memory:'],
    ['a store in no folder', { ...smallest, store: 'lmdb:' }, 'store: expected memory:, lmdb: and a'],
    [
      'a route to nobody',
      { ...smallest, routes: [{ prefix: 'test.x', account: 'x' }] },
      'routes[0].account: expected the username of an account',
    ],
    [
      'a default receiver that receives nothing',
      { ...of({}), defaultReceiver: 'bob' },
      'defaultReceiver: expected the username of a local account',
    ],
    [
      'a rate that is no decimal',
      { ...smallest, exchangeRates: { provider: 'static', rates: { USD: 1 } } },
      'exchangeRates.rates.USD: expected string',
    ],
    [
      'a rate of nothing',
      { ...smallest, exchangeRates: { provider: 'static', rates: { USD: '0.0' } } },
      'exchangeRates.rates.USD: expected a decimal number above 0',
    ],
    [
      'a provider of rates that is none',
      { ...smallest, exchangeRates: { provider: 'oracle' } },
      'exchangeRates.provider: expected static, http, ecb, coincap or cryptocompare',
    ],
    [
      'a setting of another provider',
      { ...smallest, exchangeRates: { provider: 'ecb', rates: {} } },
      'exchangeRates.rates: unknown setting',
    ],
    [
      'prices that are too old before there are others',
      { ...smallest, exchangeRates: { provider: 'coincap', maxAgeMs: 59_999 } },
      'exchangeRates.maxAgeMs: expected at least pollIntervalMs',
    ],
    [
      'a provider without what it needs',
      { ...smallest, exchangeRates: { provider: 'http', base: 'USD', mapping: { prices: '' } } },
      'exchangeRates.mapping.price: missing: expected string',
    ],
    [
      'a fraction of a packet',
      of({ rateLimit: { packetsPerMinute: 0.5 } }),
      'accounts[0].rateLimit.packetsPerMinute: expected int',
    ],
    [
      'an amount below zero',
      of({ outgoingRateLimit: { amountPerMinute: '-1' } }),
      'accounts[0].outgoingRateLimit.amountPerMinute: expected "0" or more',
    ],
    [
      'a spread that leaves nothing',
      { ...smallest, exchangeRates: { provider: 'static', rates: {}, spread: '1' } },
      'exchangeRates.spread: expected a decimal number from "0" to below "1"',
    ],
    [
      'two ways to one prefix',
      {
        ...of({}),
        routes: [
          { prefix: 'test.x', account: 'bob' },
          { prefix: 'test.x', account: 'bob' },
        ],
      },
      'routes[1].prefix: routes[0] has this prefix already',
    ],
    ['no settings at all', 'hello', 'configuration: expected object'],
  ])('refuses %s, and says where', (_, settings, message) => {
    expect(() => checkConfig(settings)).toThrow(message)
  })

  it('takes tokens of BTP in any characters', () => {
    const config = checkConfig(of({ btp: { incomingTokens: ['ein Schlüssel'] } }))
    expect(config.accounts[0]?.btp?.incomingTokens).toEqual(['ein Schlüssel'])
  })

  it('names everything that is wrong at once', () => {
    expect(() => checkConfig({ nonsense: 1, secretSeed: 'x' })).toThrow(/secretSeed: .*\n?.*nonsense: /s)
  })
})

describe('loadConfig', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ilp-config-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const file = async (text: string) => {
    const path = join(folder, 'connector.yaml')
    await writeFile(path, text)
    return path
  }
  const yaml = `
ilpAddress: test.alice   # a comment
secretSeed: ${smallest.secretSeed}
store: memory:           # or another
expiry: { minMessageWindowMs: 500, maxHoldMs: 20000 }
`

  it('reads YAML, with a store that is not quoted', async () => {
    const config = await loadConfig(await file(yaml))
    expect(config).toMatchObject({
      ilpAddress: 'test.alice',
      store: 'memory:',
      expiry: { maxHoldMs: 20_000 },
    })
  })

  it('reads the folder of a store, relative to the working directory', async () => {
    const config = await loadConfig(await file(yaml.replace('memory: ', 'lmdb:./data')))
    expect(config.store).toBe('lmdb:./data')
  })

  it('reads a secret that has no letters, without quotes', async () => {
    const secretSeed = '01'.repeat(32)
    const config = await loadConfig(await file(`ilpAddress: test.alice\r\nsecretSeed: ${secretSeed}\r\n`))
    expect(config).toMatchObject({ ilpAddress: 'test.alice', secretSeed })
  })

  it('reads JSON', async () => {
    expect(await loadConfig(await file(JSON.stringify(smallest)))).toMatchObject({ ilpAddress: 'test.alice' })
  })

  it('lets the environment override, also parts and lists', async () => {
    const config = await loadConfig(await file(yaml), {
      ILP_ADDRESS: 'test.other',
      ILP_ADMIN_TOKEN: '12345',
      ILP_EXPIRY__MAX_HOLD_MS: '7000',
      ILP_ACCOUNTS: JSON.stringify([account]),
      PATH: '/bin',
    })
    expect(config).toMatchObject({
      ilpAddress: 'test.other',
      adminToken: '12345',
      expiry: { minMessageWindowMs: 500, maxHoldMs: 7_000 },
      accounts: [{ username: 'bob' }],
    })
  })

  it('needs no file', async () => {
    const environment = { ILP_ADDRESS: 'test.alice', ILP_SECRET_SEED: smallest.secretSeed }
    expect(await loadConfig(undefined, environment)).toMatchObject({ ilpAddress: 'test.alice' })
  })

  it('refuses variables that are no settings', async () => {
    await expect(loadConfig(await file(yaml), { ILP_ADRESS: 'test.x' })).rejects.toThrow(
      'adress: unknown setting',
    )
  })

  it('says what is wrong with a file', async () => {
    await expect(loadConfig(join(folder, 'none.yaml'))).rejects.toThrow("can't be read: ENOENT")
    await expect(loadConfig(await file('a: [1'))).rejects.toThrow('line 1')
  })
})
