import type { PlainLedger } from '../plain-ledger.js'
import type { Broken } from './broken.js'

export type LedgerClass = new (clock: { readonly ms: number }) => PlainLedger

/** A store whose ledger has a fault. */
export const ledger = (fault: string, Faulty: LedgerClass, caughtBy: readonly string[]): Broken => ({
  fault,
  into: backend => {
    backend.ledger = new Faulty(backend.clock)
  },
  caughtBy: caughtBy.map(title => `ledger: ${title}`),
})

export const HISTORIES = 'does in random histories of several sessions what the model does'
