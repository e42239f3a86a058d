import type { Logger } from '@ilp/service-core'
import { createMemoryStore, type MemoryBackend } from '@ilp/store-memory'
import { createSecrets, type LedgerStore, type Store, StoreError } from '@ilp/store-traits'
import type { ConnectorAccount } from '../../src/account.js'

/**
 * How the way to the ledger is. `refused`: nothing gets there. `lost`: what is asked is done, and the answer doesn't
 * come back, which looks the same from this side.
 */
export type Reach = 'open' | 'refused' | 'lost'

/** A memory store whose ledger can be out of reach. */
export interface UnsteadyStore extends Store<ConnectorAccount> {
  reach: Reach
}

export const SECRETS = createSecrets(Buffer.alloc(32, 0x42))

export function createUnsteadyStore(backend: MemoryBackend<ConnectorAccount>, logger: Logger): UnsteadyStore {
  const store = createMemoryStore({ secrets: SECRETS, backend, logger })
  const through =
    <Args extends unknown[], Result>(method: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      const { reach } = unsteady
      if (reach !== 'refused') {
        const result = await method(...args)
        if (reach === 'open') return result
      }
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'the store does not answer')
    }
  const { ledger } = store
  const overTheLine: LedgerStore = {
    openSession: through(ledger.openSession),
    renewSession: through(ledger.renewSession),
    endSession: through(ledger.endSession),
    endExpiredSessions: through(ledger.endExpiredSessions),
    apply: through(ledger.apply),
    readBalance: through(ledger.readBalance),
    readPositions: through(ledger.readPositions),
  }
  const unsteady: UnsteadyStore = { ...store, ledger: overTheLine, reach: 'open' }
  return unsteady
}
