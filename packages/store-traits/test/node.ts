import { accountId, silentLogger } from '@ilp/service-core'
import {
  createJournal,
  createLedger,
  Hold,
  type LedgerStore,
  StoreError,
  type StoreErrorCode,
} from '../src/index.js'
import type { Answer, Call } from './store-over-ipc.js'

// A node that pays without a pause, over a store that its parent process keeps, until it is killed. It tells its parent
// of each commit before it asks for it, and when it may relay the Fulfill.
const [, , directory = '', first = '0'] = process.argv
const send = (message: unknown) => process.send?.(message)

const waiting = new Map<number, (answer: Answer) => void>()
process.on('message', (answer: Answer) => {
  waiting.get(answer.id)?.(answer)
  waiting.delete(answer.id)
})

let calls = 0
const call =
  <Name extends keyof LedgerStore>(name: Name) =>
  (...given: unknown[]): Promise<never> =>
    new Promise((resolve, reject) => {
      const id = calls++
      waiting.set(id, ({ value, code }) => {
        if (code === undefined) resolve(value as never)
        else reject(new StoreError(code as StoreErrorCode, code))
      })
      send({ id, name, given } satisfies Call)
    })

const store: LedgerStore = {
  openSession: call('openSession'),
  renewSession: call('renewSession'),
  endSession: call('endSession'),
  endExpiredSessions: call('endExpiredSessions'),
  apply: (session, seq, operations) =>
    call('apply')(
      session,
      seq,
      operations.map(({ kind, transfer }) => ({ kind, transfer })),
    ),
  readBalance: call('readBalance'),
  readPositions: call('readPositions'),
}

const asset = { code: 'USD', scale: 9 }
const [alice, bob] = [
  { id: accountId('alice'), asset },
  { id: accountId('bob'), asset },
]
const ledger = createLedger(
  { store, journal: createJournal(directory), logger: silentLogger },
  { retryMinMs: 1, retryMaxMs: 3 },
)
await ledger.start()
send('started')

let next = Number(first)
const pause = () => new Promise(resolve => setTimeout(resolve, 1))

async function pay(): Promise<void> {
  const index = next++
  const incomingAmount = 4n ** BigInt(index)
  const transfer = { from: alice, incomingAmount, to: bob, amount: incomingAmount }
  const hold = await ledger.reserve(transfer, Date.now() + 1_000)
  if (!(hold instanceof Hold)) return
  if (index % 4 === 3) return ledger.release(hold)
  send({ index, committed: 'asked' })
  // Every other one is overdue at once, and goes into the journal while the store hesitates.
  const committed = await ledger.commit(hold, Date.now() + (index % 2 ? 1_000 : -1))
  send({ index, committed })
}

async function payOn(): Promise<void> {
  for (;;) {
    await pay()
    await pause()
  }
}

process.once('disconnect', () => process.exit())
await Promise.all(Array.from({ length: 6 }, payOn))
