import type { Logger } from '@ilp/service-core'
import { createLmdbStore } from '@ilp/store-lmdb'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets, type Store } from '@ilp/store-traits'
import type { ConnectorAccount } from './account.js'
import type { Config } from './config/schema.js'

const LMDB = 'lmdb:'

/** The store that the configuration names. Folders are relative to the working directory. */
export function storeOf({ store, secretSeed }: Config, logger: Logger): Store<ConnectorAccount> {
  const secrets = createSecrets(Buffer.from(secretSeed, 'hex'))
  if (store.startsWith(LMDB)) {
    return createLmdbStore({ directory: store.slice(LMDB.length), secrets, logger })
  }
  return createMemoryStore({ secrets, logger })
}
