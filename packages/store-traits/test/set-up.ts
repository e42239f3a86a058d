import { accountId } from '@ilp/service-core'
import { onTestFinished } from 'vitest'
import {
  createJournal,
  createLedger,
  Hold,
  type Journal,
  type Ledger,
  type LedgerOptions,
  type Transfer,
} from '../src/index.js'
import { createLogbook } from './logbook.js'
import { temporaryFolder } from './process.js'
import { ScriptedStore } from './scripted-store.js'

export const ALICE = { id: accountId('alice'), asset: { code: 'USD', scale: 9 } }
export const BOB = { id: accountId('bob'), asset: { code: 'USD', scale: 9 } }

export const transfer = (incomingAmount: bigint, fields: Partial<Transfer> = {}): Transfer => ({
  from: ALICE,
  incomingAmount,
  to: BOB,
  amount: incomingAmount,
  ...fields,
})

/** A deadline that no test reaches, and one that comes at once. */
export const later = (): number => Date.now() + 60_000
export const soon = (): number => Date.now() + 10

/** A store, a journal's folder, and ledgers on them that are stopped behind the test. */
export async function setUp(options: Partial<LedgerOptions> = {}) {
  const folder = await temporaryFolder()
  onTestFinished(folder.remove)
  const store = new ScriptedStore()
  const log = createLogbook()

  /** A ledger on the store and the journal; `change` stands between it and the journal. */
  const create = (change: (journal: Journal) => Journal | undefined = journal => journal): Ledger => {
    const journal = change(createJournal(folder.path))
    const ledger = createLedger(
      { store, journal, logger: log },
      { retryMinMs: 1, retryMaxMs: 5, stopTimeoutMs: 50, ...options },
    )
    onTestFinished(ledger.stop)
    return ledger
  }
  const start = async (change?: (journal: Journal) => Journal | undefined): Promise<Ledger> => {
    const ledger = create(change)
    await ledger.start()
    return ledger
  }
  const balances = async () => {
    const { balance, heldOut } = await store.readBalance(ALICE.id)
    return { balance, held: heldOut }
  }
  /** What the journal holds, when nobody has it open. */
  const journaled = async () => {
    const journal = createJournal(folder.path)
    await journal.start()
    const left = journal.left()
    await journal.stop()
    return left
  }
  return { folder: folder.path, store, log, create, start, balances, journaled }
}

/** Reserves, and fails the test where that is refused. */
export async function hold(ledger: Ledger, of: Transfer): Promise<Hold> {
  const result = await ledger.reserve(of, later())
  if (!(result instanceof Hold)) throw new Error(`the reserve was refused: ${result}`)
  return result
}
