import { ALICE, BOB, commit, LONG, persist, reserve } from '@ilp/store-processes'
import type { LedgerStore, Operation } from '@ilp/store-traits'
import { type PostgresServer, postgresServer } from '@ilp/test-servers'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ask, postgresStores } from './given.js'

const stores = postgresStores()
let server: PostgresServer
let url: string
let ledger: LedgerStore
beforeAll(async () => {
  server = await postgresServer()
})
beforeEach(async () => {
  url = await server.createDatabase()
  ledger = (await stores.open(url)).ledger
})
afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

const release: Operation = { ...reserve, kind: 'release' }
const heldOut = async () => (await ledger.readBalance(ALICE.id)).heldOut
const heldIn = async () => (await ledger.readBalance(BOB.id)).heldIn

/** Whose holds are in the row of alice, and how many others have one for her. */
async function places(): Promise<readonly unknown[]> {
  const [row = []] = await ask(
    url,
    "SELECT holder, (SELECT count(*) FROM ilp.holds WHERE account = 'alice') FROM ilp.balances WHERE account = 'alice'",
  )
  return row
}

it('a session alone on its accounts has its holds in their rows', async () => {
  const session = await ledger.openSession(LONG)
  expect(await ledger.apply(session, 1, [reserve, reserve, commit])).toEqual(['done', 'done', 'done'])
  expect(await places()).toEqual([session, '0'])
  expect(await ledger.apply(session, 2, [release, release])).toEqual(['done', 'no-hold'])
  expect([await heldOut(), await heldIn()]).toEqual([0n, 0n])
})

it('a session that comes later has rows of its own, and neither gives back what the other holds', async () => {
  const [first, second] = [await ledger.openSession(LONG), await ledger.openSession(LONG)]
  await ledger.apply(first, 1, [reserve])
  expect(await ledger.apply(second, 1, [release, commit, reserve, reserve])).toEqual([
    ...['no-hold', 'late', 'done', 'done'],
  ])
  expect(await places()).toEqual([first, '1'])
  expect([await heldOut(), await heldIn()]).toEqual([9n, 6n])
  expect(await ledger.apply(first, 2, [commit, release])).toEqual(['done', 'no-hold'])
  expect(await ledger.apply(second, 2, [commit, release, release])).toEqual(['done', 'done', 'no-hold'])
  expect([await heldOut(), await heldIn()]).toEqual([0n, 0n])
})

it.each([
  ['holder', true],
  ['other', false],
])('what the %s holds is given back once, and its place is free', async (_, isHolder) => {
  const [first, second] = [await ledger.openSession(LONG), await ledger.openSession(LONG)]
  for (const session of [first, second]) await ledger.apply(session, 1, [reserve, reserve])
  const [ended, stays] = isHolder ? [first, second] : [second, first]
  await ledger.endSession(ended)
  await ledger.endSession(ended)
  expect([await heldOut(), await heldIn()]).toEqual([6n, 4n])
  // The commit of an ended session takes no place again.
  expect(await ledger.apply(ended, 2, [commit, release])).toEqual(['late', 'no-hold'])
  expect(await places()).toEqual(isHolder ? [null, '1'] : [stays, '0'])

  const next = await ledger.openSession(LONG)
  await ledger.apply(next, 1, [reserve])
  expect(await places()).toEqual(isHolder ? [next, '1'] : [stays, '1'])
  expect(await ledger.apply(stays, 2, [release, commit, release])).toEqual([...['done', 'done', 'no-hold']])
  expect([await heldOut(), await heldIn()]).toEqual([3n, 2n])
  expect(await ledger.apply(next, 2, [commit])).toEqual(['done'])
  expect(await ledger.readBalance(ALICE.id)).toEqual({ balance: -9n, heldOut: 0n, heldIn: 0n })
})

it('a batch that waited for an account goes on from what it has become', async () => {
  const session = await ledger.openSession(LONG)
  await ledger.apply(session, 1, [reserve])
  const somebody = new Client({ connectionString: url })
  await somebody.connect()
  await somebody.query("BEGIN; UPDATE ilp.balances SET balance = 100 WHERE account = 'alice'")
  const applied = ledger.apply(session, 2, [commit])
  await persist(async () => {
    const { rowCount } = await somebody.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    if (rowCount === 0) throw new Error('nobody waits')
  })
  await somebody.query('COMMIT')
  await somebody.end()
  expect(await applied).toEqual(['done'])
  expect(await ledger.readBalance(ALICE.id)).toEqual({ balance: 97n, heldOut: 0n, heldIn: 0n })
})
