import type { PlainLedger } from '../plain-ledger.js'
import type { PlainSettlements } from '../plain-settlements.js'
import type { Broken } from './broken.js'

type SettlementsClass = new (ledger: PlainLedger) => PlainSettlements

/** A store whose settlements have a fault. */
export const settlements = (
  fault: string,
  Faulty: SettlementsClass,
  caughtBy: readonly string[],
): Broken => ({
  fault,
  into: backend => {
    backend.settlements = new Faulty(backend.ledger)
  },
  caughtBy: caughtBy.map(title => `settlements: ${title}`),
})

export const MIXED_HISTORIES =
  'do in random histories of packets, settlements and adjustments what the model does'
