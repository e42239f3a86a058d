import type { LedgerStore } from '@ilp/store-traits'
import type { Books } from './books.js'
import type { Handle } from './handle.js'

export function lmdbLedger(handle: Handle, books: Books): LedgerStore {
  /** One step of the books, answered when it is on the disk with all that it has seen. */
  const step = async <T>(act: () => T): Promise<T> => {
    const flusher = handle.check()
    if (flusher.isFailing) {
      // What stays undone now is known to be undone.
      await flusher.flushed()
      handle.check()
    }
    const result = act()
    await flusher.flushed()
    return result
  }
  return {
    openSession: terms => step(() => books.openSession(terms)),
    renewSession: session => step(() => books.renewSession(session)),
    endSession: session => step(() => books.endSession(session)),
    endExpiredSessions: () => step(() => books.endExpiredSessions()),
    apply: (session, seq, operations) => step(() => books.apply(session, seq, operations)),
    readBalance: account => step(() => books.readBalance(account)),
    readPositions: () => step(() => books.readPositions()),
  }
}
