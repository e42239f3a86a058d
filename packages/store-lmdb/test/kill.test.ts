import { setTimeout as sleep } from 'node:timers/promises'
import { type AccountId, accountId } from '@ilp/service-core'
import { createSecrets, type LedgerStore, type SessionId } from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { createLmdbStore } from '../src/index.js'
import { compile, gone, start, temporaryFolder } from './process.js'

/** What a killed process said of one of its sessions. */
interface Heard {
  readonly accounts: readonly AccountId[]
  acknowledged: number
}

const ROUNDS = 10

/** How many batches of a session are there; fails where one is there in part. */
async function booked(ledger: LedgerStore, session: SessionId, { accounts, acknowledged }: Heard) {
  const balances = await Promise.all(accounts.map(id => ledger.readBalance(id)))
  const batches = Number((balances[0]?.balance ?? 0n) / 2n)
  for (const balance of balances) {
    expect(balance).toEqual({ balance: 2n * BigInt(batches), heldOut: 0n, heldIn: BigInt(batches) })
  }
  // What was under way when the process died may be there too, or not.
  expect([acknowledged, acknowledged + 1]).toContain(batches)
  if (batches > 0) {
    const outcomes = await ledger.apply(session, batches, [])
    expect(outcomes).toEqual(Array.from({ length: 24 }, () => 'done'))
  }
  return batches
}

describe('a process that is killed under load', () => {
  it('leaves every acknowledged batch behind, whole, and no other in part', async () => {
    const directory = await temporaryFolder()
    const program = await compile('kill-program.ts')
    const heard = new Map<SessionId, Heard>()
    for (let round = 0; round < ROUNDS; round++) {
      let isBooking = () => {}
      const begun = new Promise<void>(resolve => (isBooking = resolve))
      // Every other process kills itself right behind an acknowledgement.
      const lastWords = round % 2 ? [String(1 + Math.floor(Math.random() * 60))] : []
      const child = start(program, [directory, String(round), ...lastWords], message => {
        const { session, accounts, seq } = message as {
          session: SessionId
          accounts?: readonly AccountId[]
          seq?: number
        }
        if (accounts) heard.set(session, { accounts, acknowledged: 0 })
        const known = heard.get(session)
        if (known && seq) known.acknowledged = seq
        if (seq) isBooking()
      })
      const ended = gone(child)
      if (lastWords.length === 0) {
        await begun
        await sleep(Math.random() * 30)
        child.kill('SIGKILL')
      }
      await ended
    }

    await using store = createLmdbStore({ directory, secrets: createSecrets(new Uint8Array(32)) })
    await store.start()
    let batches = 0
    for (const [session, told] of heard) batches += await booked(store.ledger, session, told)
    expect(heard.size).toBe(4 * ROUNDS)
    expect(batches).toBeGreaterThan(ROUNDS)
    const payer = accountId('payer')
    const sum = BigInt(batches * 8)
    expect(await store.ledger.readBalance(payer)).toEqual({ balance: -3n * sum, heldOut: sum, heldIn: 0n })
    expect((await store.ledger.readPositions())[0]?.balance).toBe(sum)
    for (const session of heard.keys()) await store.ledger.endSession(session)
    expect(await store.ledger.readBalance(payer)).toEqual({ balance: -3n * sum, heldOut: 0n, heldIn: 0n })
  })
})
