import type { LedgerStore } from '@ilp/store-traits'
import type { Books } from './books.js'
import type { Handle } from './handle.js'

export function memoryLedger(handle: Handle, books: Books): LedgerStore {
  const open = (): Books => {
    handle.check()
    return books
  }
  return {
    openSession: async terms => open().openSession(terms),
    renewSession: async session => open().renewSession(session),
    endSession: async session => open().endSession(session),
    endExpiredSessions: async () => open().endExpiredSessions(),
    apply: async (session, seq, operations) => open().apply(session, seq, operations),
    readBalance: async account => open().readBalance(account),
    readPositions: async () => open().readPositions(),
  }
}
