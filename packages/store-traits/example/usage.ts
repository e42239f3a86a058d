import { silentLogger } from '@ilp/service-core'
import { createJournal, createLedger, Hold, type LedgerStore, type Transfer } from '@ilp/store-traits'

/** Holds the money of a packet, has it forwarded, and books what came of it; returns what to tell the previous hop. */
export async function forward(
  store: LedgerStore,
  journalDir: string,
  transfer: Transfer,
  nextHop: () => Promise<'fulfill' | 'reject'>,
): Promise<'fulfill' | 'reject'> {
  await using ledger = createLedger({ store, journal: createJournal(journalDir), logger: silentLogger })
  await ledger.start()
  const byMs = Date.now() + 10_000

  const hold = await ledger.reserve(transfer, byMs)
  // `below-minimum` and `above-maximum` become T04, `unavailable` T00, `overloaded` T03.
  if (!(hold instanceof Hold)) return 'reject'

  if ((await nextHop()) === 'reject') {
    ledger.release(hold)
    return 'reject'
  }
  // Booked, journaled, or logged for reconciliation: the next hop has been paid, so the Fulfill goes on in any case.
  await ledger.commit(hold, byMs - 500)
  return 'fulfill'
}
