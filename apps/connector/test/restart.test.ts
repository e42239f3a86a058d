import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plugin } from '@ilp/test-peers'
import { type PostgresServer, postgresServer, type RedisServer, redisServer } from '@ilp/test-servers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RunningConnector, startConnector } from './support/connector.js'
import { tokenOf } from './support/face.js'
import { fulfilAll, outcome, send } from './support/packets.js'
import { credentialsOf, payByStream } from './support/payments.js'
import { account, local, type Settings } from './support/settings.js'

let folder: string
let redis: RedisServer
let postgres: PostgresServer

beforeAll(async () => {
  ;[folder, redis, postgres] = await Promise.all([
    mkdtemp(join(tmpdir(), 'ilp-connector-')),
    redisServer(),
    postgresServer(),
  ])
}, 60_000)
afterAll(() => Promise.all([rm(folder, { recursive: true }), redis.stop(), postgres.stop()]))

let tests = 0
/** By name, what makes a store that is empty. */
const STORES: Readonly<Record<string, () => string | Promise<string>>> = {
  LMDB: () => `lmdb:${join(folder, `${tests++}`)}`,
  Redis: () => `${redis.url}?prefix=${redis.prefix}-${tests++}`,
  Postgres: () => postgres.createDatabase(),
}

let store: string

/** A node on the test's store, as it was left the last time. */
const start = (more: Settings): Promise<RunningConnector> =>
  startConnector({ ilpAddress: 'test.node', store, ...more })

const isRefused = async (node: RunningConnector, username: string) => {
  const response = await fetch(node.ilpUrl(), {
    method: 'POST',
    headers: { authorization: `Bearer ${tokenOf(username)}`, 'content-type': 'application/octet-stream' },
    body: 'no packet',
  })
  return response.status === 401
}

describe.each(Object.entries(STORES))('on %s', (_, create) => {
  beforeEach(async () => {
    store = await create()
  })

  it('balances are there again after a restart', async () => {
    const accounts = [account('payer'), local('alice')]
    const first = await start({ accounts })
    await payByStream(await first.plugin('payer'), await credentialsOf(first, 'alice'), 12_345n)
    await first.connector.stop()
    const second = await start({ accounts })
    expect(await second.balances('payer', 'alice')).toEqual({ payer: -12_345n, alice: 12_345n })
    await payByStream(await second.plugin('payer'), await credentialsOf(second, 'alice'), 5n)
    expect(await second.balances('payer', 'alice')).toEqual({ payer: -12_350n, alice: 12_350n })
  })

  it('accounts that the configuration has no more are disabled, and are what they were when they come back', async () => {
    const everything = {
      accounts: [account('payer'), account('eve'), local('alice')],
      routes: [{ prefix: 'test.far', account: 'eve' }],
    }
    const first = await start(everything)
    const credentials = await credentialsOf(first, 'alice')
    fulfilAll(await first.plugin('eve'))
    await payByStream(await first.plugin('payer'), credentials, 10n)
    expect(outcome(await send(await first.plugin('payer'), 'test.node.eve', 7n))).toBe('fulfilled')
    await first.connector.stop()

    const second = await start({ accounts: [account('payer')] })
    expect(await isRefused(second, 'eve')).toBe(true)
    expect(await isRefused(second, 'payer')).toBe(false)
    const payer = await second.plugin('payer')
    for (const destination of ['test.node.eve', 'test.far.x', credentials.destinationAccount]) {
      expect(outcome(await send(payer, destination, 1n))).toBe('F02')
    }
    expect((await fetch(`${second.url}/accounts/alice/spsp`)).status).toBe(404)
    expect(await second.balances('eve', 'alice')).toEqual({ eve: 7n, alice: 10n })
    await second.connector.stop()

    const third = await start(everything)
    expect(await isRefused(third, 'eve')).toBe(false)
    expect(outcome(await send(await third.plugin('payer'), 'test.far.x', 1n))).toBe('T01')
    await payByStream(await third.plugin('payer'), credentials, 5n)
    expect(await third.balances('eve', 'alice')).toEqual({ eve: 7n, alice: 15n })
  })

  it('settings of an account are those of the configuration, also tokens that have changed hands', async () => {
    const withTokens = (bob: string, eve: string) => ({
      accounts: [
        account('bob', { http: { incomingTokens: [tokenOf(bob)] }, btp: undefined }),
        account('eve', { http: undefined, btp: { incomingTokens: [tokenOf(eve)] } }),
      ],
    })
    const first = await start(withTokens('one', 'two'))
    await first.connector.stop()
    const second = await start(withTokens('two', 'one'))
    expect([await isRefused(second, 'one'), await isRefused(second, 'two')]).toEqual([true, false])
  })

  it('the asset of an account can not be changed', async () => {
    const first = await start({ accounts: [account('bob')] })
    await first.connector.stop()
    await expect(start({ accounts: [account('bob', { asset: { code: 'EUR', scale: 9 } })] })).rejects.toThrow(
      'accounts[0]: the account exists with another asset',
    )
  })

  it('tokens stay good when the secret is another, as long as the former one is named', async () => {
    const accounts = [
      account('bob', {
        btp: { incomingTokens: ['in'], outgoing: { url: 'ws://127.0.0.1:1', token: 'out' } },
      }),
    ]
    const first = await start({ accounts })
    await first.connector.stop()
    const seeds = { secretSeed: '43'.repeat(32), formerSecretSeeds: ['42'.repeat(32)] }
    const second = await start({ accounts, ...seeds })
    expect(await isRefused(second, 'bob')).toBe(false)
    expect(second.logger.entries.filter(({ level }) => level === 'error')).toEqual([])
  })
})

describe.each(Object.entries(STORES).filter(([name]) => name !== 'LMDB'))(
  'two nodes on one %s',
  (_, create) => {
    beforeEach(async () => {
      store = await create()
    })

    it('have the same accounts, money and holds', async () => {
      const accounts = [account('payer'), account('payee')]
      const [one, two] = [await start({ accounts }), await start({ accounts })]
      const [onOne, onTwo] = [await one.plugin('payee'), await two.plugin('payee')]
      fulfilAll(onOne)
      fulfilAll(onTwo)
      const payers = [await one.plugin('payer'), await two.plugin('payer')]
      const replies = await Promise.all(
        Array.from({ length: 200 }, (_each, i) =>
          send(payers[i % 2] as Plugin, 'test.node.payee', BigInt(i)),
        ),
      )
      expect(new Set(replies.map(outcome))).toEqual(new Set(['fulfilled']))
      const both = { payer: -19_900n, payee: 19_900n }
      expect([await one.balances('payer', 'payee'), await two.balances('payer', 'payee')]).toEqual([
        both,
        both,
      ])
    })
  },
)
