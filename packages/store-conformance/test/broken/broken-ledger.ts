import type { PlainLedger } from '../plain-ledger.js'
import { PlainAdjustments, PlainSettlements } from '../plain-settlements.js'
import type { Broken } from './broken.js'

export type LedgerClass = new (clock: { readonly ms: number }) => PlainLedger

/** A store whose ledger has a fault. */
export const ledger = (fault: string, Faulty: LedgerClass, caughtBy: readonly string[]): Broken => ({
  fault,
  into: backend => {
    backend.ledger = new Faulty(backend.clock)
    backend.settlements = new PlainSettlements(backend.ledger)
    backend.adjustments = new PlainAdjustments(backend.ledger)
  },
  caughtBy: caughtBy.map(title => `ledger: ${title}`),
})

export const HISTORIES = 'does in random histories of several sessions what the model does'
