import { ALICE, BOB, commit, LONG, reserve } from '@ilp/store-processes'
import type { Operation, SessionId } from '@ilp/store-traits'
import { type PostgresServer, postgresServer } from '@ilp/test-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeBatch } from '../src/batch.js'
import { Client } from '../src/client.js'
import { MIGRATIONS } from '../src/migrations/index.js'
import { migrate } from '../src/schema.js'
import { ask, postgresStores } from './given.js'

const stores = postgresStores()
let server: PostgresServer
beforeAll(async () => {
  server = await postgresServer()
})
afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

const release: Operation = { ...reserve, kind: 'release' }
const [mine, other] = ['mine', 'other'] as [SessionId, SessionId]

/** What a program of this version left: two sessions that hold of the same accounts, and one that has ended. */
async function left(url: string, version: number): Promise<void> {
  const client = new Client(url, { setUp: 'SET search_path = ilp', timeoutMs: 60_000 })
  await client.connect()
  const apply = (session: string, seq: number, operations: readonly Operation[]) =>
    client.query('SELECT apply($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)', [
      ...[session, seq],
      ...encodeBatch(operations),
    ])
  try {
    await migrate(client, 'ilp', MIGRATIONS.slice(0, version))
    for (const session of [mine, other, 'ended']) {
      await client.query('SELECT open_session($1, $2, $3, $4)', [session, LONG.leaseMs, LONG.holdMaxMs, 1e9])
    }
    if (version > 3) await client.query("SELECT make_accounts('{alice,bob}')")
    await apply(mine, 1, [reserve, reserve, reserve, commit])
    await apply(other, 1, [reserve])
    await apply('ended', 1, [reserve])
    await client.query("SELECT end_session('ended')")
    await client.query("SELECT adjust('key', 'bob', 'USD', 9, 5, 'cash')")
  } finally {
    client.close()
  }
}

const VERSIONS = MIGRATIONS.map((_, index) => index + 1)

describe.each(VERSIONS)('a layout of version %i', version => {
  it('is brought to the latest, and its sessions go on', async () => {
    const url = await server.createDatabase()
    await left(url, version)
    const { ledger, rateLimits } = await stores.open(url)
    expect(await ask(url, 'SELECT version FROM ilp.layout')).toEqual([[MIGRATIONS.length]])
    expect(await ledger.readBalance(ALICE.id)).toEqual({ balance: -3n, heldOut: 9n, heldIn: 0n })
    expect(await ledger.readBalance(BOB.id)).toEqual({ balance: 7n, heldOut: 0n, heldIn: 6n })

    expect(await ledger.apply(mine, 1, [])).toEqual(['done', 'done', 'done', 'done'])
    expect(await ledger.apply(mine, 2, [commit, release, release, reserve])).toEqual([
      ...['done', 'done', 'no-hold', 'done'],
    ])
    const fresh = await ledger.openSession(LONG)
    expect(await ledger.apply(fresh, 1, [release, reserve, reserve])).toEqual(['no-hold', 'done', 'done'])
    expect((await ledger.readBalance(ALICE.id)).heldOut).toBe(12n)
    await ledger.endSession(mine)
    await ledger.endSession(other)
    expect((await ledger.readBalance(ALICE.id)).heldOut).toBe(6n)
    expect(await ledger.apply(fresh, 2, [commit, commit])).toEqual(['done', 'done'])
    expect(await ledger.apply(other, 2, [commit])).toEqual(['late'])

    expect(await ledger.readBalance(ALICE.id)).toEqual({ balance: -15n, heldOut: 0n, heldIn: 0n })
    expect(await ledger.readBalance(BOB.id)).toEqual({ balance: 15n, heldOut: 0n, heldIn: 0n })
    expect(await ledger.readPositions()).toEqual([
      { asset: ALICE.asset, balance: 5n, settled: 0n, adjusted: -5n },
    ])
    expect(await rateLimits.take('bucket', { perMinute: 0n, capacity: 4n }, 5n)).toBe(4n)
  })
})
