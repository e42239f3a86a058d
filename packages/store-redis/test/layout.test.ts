import { readFile } from 'node:fs/promises'
import { accountId } from '@ilp/service-core'
import { ALICE, BOB, commit, LONG, stored } from '@ilp/store-processes'
import { type RedisServer, redisServer } from '@ilp/test-servers'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { redisStores } from './given.js'

const stores = redisStores()
let server: RedisServer
let admin: Redis
let prefix: string

beforeEach(async () => {
  server = await redisServer()
  admin = new Redis(server.url)
  prefix = server.prefix
})
afterEach(async () => {
  await stores.stop()
  admin.disconnect()
  await server.stop()
})

const open = () => stores.open(server.url, { prefix })

/** What a program of an earlier version wrote, as the commands that write it. */
async function restore(version: number): Promise<void> {
  const file = new URL(`./fixtures/version-${version}.json`, import.meta.url)
  const commands = JSON.parse(await readFile(file, 'utf8')) as [string, string, ...string[]][]
  for (const [command, key, ...args] of commands) {
    await admin.call(command, key.replace('{ilp}', `{${prefix}}`), ...args)
  }
}

it('is given its version by the first of several that start at once', async () => {
  await Promise.all(Array.from({ length: 10 }, open))
  expect(await admin.get(`{${prefix}}:schema`)).toBe('2')
})

it('of a newer program is refused, and left as it is', async () => {
  await admin.set(`{${prefix}}:schema`, '3')
  await expect(open()).rejects.toMatchObject({
    code: 'ERR_STORE_TOO_NEW',
    message: expect.stringMatching(/version 3.*up to 2/),
  })
  expect(await admin.keys(`{${prefix}}*`)).toEqual([`{${prefix}}:schema`])
})

it('of version 1 is brought to this one once, by several at a time, with all that it holds', async () => {
  await restore(1)
  const [store] = await Promise.all([open(), open(), open()])
  expect(store.accounts.get(ALICE.id)).toEqual({
    ...stored(ALICE.id),
    minBalance: -(2n ** 70n),
    notes: ['n:12', 's:', 'a "quoted" \\ backslash, "n:1"', ''],
    nested: { ok: true, none: null },
  })
  expect(store.accounts.byUsername('bob')).toEqual(stored(BOB.id))
  expect(store.credentials.authenticate('btp', 'the token of alice')).toBe(ALICE.id)
  expect(store.credentials.outgoingToken(BOB.id, 'http')).toBe('the token for bob')
  expect(store.address.get()).toBe('test.node')
  expect(store.routes.all()).toEqual([{ prefix: 'test.there', account: BOB.id }])

  const { ledger, settlements, adjustments } = store
  const balance = -100n * (2n ** 64n - 1n) - 3n
  expect(await ledger.readBalance(ALICE.id)).toEqual({ balance, heldOut: 3n, heldIn: 0n })
  const bobs = 100n * (2n ** 53n + 1n) + 2n
  const position = { asset: ALICE.asset, balance: -balance - bobs, settled: 0n, adjusted: 0n }
  expect(await ledger.readPositions()).toEqual([position])
  expect(await ledger.endExpiredSessions()).toHaveLength(1)
  expect(await ledger.readBalance(ALICE.id)).toEqual({ balance, heldOut: 0n, heldIn: 0n })

  expect(await settlements.settle(BOB, { threshold: 1n, settleTo: 2n })).toMatchObject({ amount: bobs - 2n })
  await adjustments.adjust({ key: 'one', account: ALICE, amount: 5n, reason: 'a gift' })
  const session = await ledger.openSession(LONG)
  expect(await ledger.apply(session, 1, [commit])).toEqual(['late'])
  expect(await ledger.readPositions()).toEqual([
    { ...position, balance: position.balance + 1n, settled: bobs - 2n, adjusted: -5n },
  ])
  expect((await open()).accounts.get(accountId('bob'))).toEqual(stored(BOB.id))
})
