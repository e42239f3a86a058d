import { type AccountId, accountId } from '@ilp/service-core'
import { createSecrets, type Operation } from '@ilp/store-traits'
import { createLmdbStore } from '../src/index.js'
import { tell } from './tell.js'

// Four sessions book without a pause, each on accounts of its own, until the process dies: by a signal from outside, or
// by its own hand at the very moment of an acknowledgement. It tells of each acknowledgement.
const [, , directory = '', round = '', lastWords = ''] = process.argv
const asset = { code: 'USD', scale: 9 }
const store = createLmdbStore({ directory, secrets: createSecrets(new Uint8Array(32)) })
await store.start()

/** One for every account of a session, held and booked, and one more that stays held. */
function batch(accounts: readonly AccountId[]): Operation[] {
  const from = { id: accountId('payer'), asset }
  return accounts.flatMap(id => {
    const transfer = { from, incomingAmount: 3n, to: { id, asset }, amount: 2n }
    const left = { from, incomingAmount: 1n, to: { id, asset }, amount: 1n }
    return [
      { kind: 'reserve', transfer },
      { kind: 'reserve', transfer: left },
      { kind: 'commit', transfer },
    ] as const
  })
}

let left = lastWords === '' ? Number.POSITIVE_INFINITY : Number(lastWords)

async function open(index: number) {
  const session = await store.ledger.openSession({ leaseMs: 3_600_000, holdMaxMs: 3_600_000 })
  const accounts = Array.from({ length: 8 }, (_, i) => accountId(`${round}-${index}-${i}`))
  await tell({ session, accounts })
  return { session, operations: batch(accounts) }
}

async function book({ session, operations }: Awaited<ReturnType<typeof open>>): Promise<never> {
  for (let seq = 1; ; seq++) {
    await store.ledger.apply(session, seq, operations)
    const told = tell({ session, seq })
    left -= 1
    if (left <= 0) process.kill(process.pid, 'SIGKILL')
    await told
  }
}

process.once('disconnect', () => process.exit())
const sessions = await Promise.all([0, 1, 2, 3].map(open))
await Promise.all(sessions.map(book))
