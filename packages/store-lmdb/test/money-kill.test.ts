import { setTimeout as sleep } from 'node:timers/promises'
import { type AccountId, accountId } from '@ilp/service-core'
import { createSecrets, type Store } from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { createLmdbStore } from '../src/index.js'
import { compile, gone, start, temporaryFolder } from './process.js'

/** What a killed process said of one account. */
class Heard {
  begun = -1
  credited = 0
  adjusted = -1
  settled: string | undefined
  acknowledged: string | undefined
}

type Told = { readonly id: AccountId } & (
  | { readonly what: 'begun' | 'adjusted'; readonly said: number }
  | { readonly what: 'credited'; readonly said: bigint }
  | { readonly what: 'settled' | 'acknowledged'; readonly said: string | undefined }
)

const ROUNDS = 6
const asset = { code: 'USD', scale: 9 }

/** All that was acknowledged is there, and what was under way is there whole or not at all. */
async function check({ ledger, settlements, adjustments }: Store, id: AccountId, heard: Heard) {
  const outbox = (await settlements.readOutbox()).filter(({ account }) => account.id === id)
  expect(outbox.length).toBeLessThanOrEqual(1)
  const [waiting] = outbox
  if (heard.settled !== heard.acknowledged && waiting) expect(waiting.key).toBe(heard.settled)
  if (heard.settled === heard.acknowledged) expect(waiting?.key).not.toBe(heard.settled)

  const posted = await adjustments.read(id)
  expect([heard.adjusted + 1, heard.adjusted + 2]).toContain(posted.length)
  expect(posted.map(({ key }) => key)).toEqual(posted.map((_, i) => `${id} ${posted.length - 1 - i}`))
  const before = await ledger.readBalance(id)
  // Said once more under the same keys, all of it has the answers that it had.
  for (let i = 0; i <= heard.begun; i++) {
    const quantity = { amount: 25n, scale: 10 }
    const credited = await settlements.credit({ key: `${id} ${i}`, account: { id, asset }, quantity })
    expect(credited).toBe(i % 2 ? 3n : 2n)
  }
  const after = await ledger.readBalance(id)
  const isLastNew = after.balance - before.balance
  expect([0n, heard.begun % 2 ? 3n : 2n]).toContain(isLastNew)
  if (heard.credited > heard.begun) expect(isLastNew).toBe(0n)
  return after.balance
}

describe('a process that is killed while it settles', () => {
  it('leaves every acknowledged step behind, whole, and no other in part', async () => {
    const directory = await temporaryFolder()
    const program = await compile('money-program.ts')
    const all = new Map<AccountId, Heard>()
    for (let round = 0; round < ROUNDS; round++) {
      let isSettling = () => {}
      const begun = new Promise<void>(resolve => {
        isSettling = resolve
      })
      const child = start(program, [directory, String(round)], message => {
        const { id, what, said } = message as Told
        const heard = all.get(id) ?? new Heard()
        all.set(id, heard)
        if (what === 'credited') heard.credited += 1
        else Object.assign(heard, { [what]: said })
        if (what === 'acknowledged') isSettling()
      })
      const ended = gone(child)
      await begun
      await sleep(Math.random() * 40)
      child.kill('SIGKILL')
      await ended
    }

    await using store = createLmdbStore({ directory, secrets: createSecrets(new Uint8Array(32)) })
    await store.start()
    let sum = 0n
    for (const [id, heard] of all) sum += await check(store, id, heard)
    expect(all.size).toBe(6 * ROUNDS)
    const [position] = await store.ledger.readPositions()
    expect(sum + (position?.settled ?? 0n) + (position?.adjusted ?? 0n)).toBe(0n)
    expect(position?.balance).toBe(0n)
    expect((await store.ledger.readBalance(accountId('0-0'))).balance).toBeGreaterThan(0n)
  })
})
