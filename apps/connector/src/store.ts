import type { Logger } from '@ilp/service-core'
import { createLmdbStore } from '@ilp/store-lmdb'
import { createMemoryStore } from '@ilp/store-memory'
import { createPostgresStore } from '@ilp/store-postgres'
import { createRedisStore } from '@ilp/store-redis'
import { createSecrets, type Store } from '@ilp/store-traits'
import type { ConnectorAccount } from './account.js'
import type { Config } from './config/schema.js'

/**
 * The store that the configuration names. Folders are relative to the working directory. Several nodes may use one
 * server: each under a `?prefix=` of its own in Redis, or in a `?schema=` of its own in Postgres.
 */
export function storeOf(
  { store, secretSeed, formerSecretSeeds }: Config,
  logger: Logger,
): Store<ConnectorAccount> {
  const seed = (hex: string) => Buffer.from(hex, 'hex')
  const secrets = createSecrets(seed(secretSeed), formerSecretSeeds.map(seed))
  switch (store.slice(0, store.indexOf(':'))) {
    case 'lmdb':
      return createLmdbStore({ directory: store.slice('lmdb:'.length), secrets, logger })
    case 'redis':
    case 'rediss': {
      const { url, value: prefix } = withoutParameter(store, 'prefix')
      return createRedisStore({ connection: url, secrets, logger }, prefix ? { prefix } : {})
    }
    case 'postgres':
    case 'postgresql': {
      const { url, value: schema } = withoutParameter(store, 'schema')
      return createPostgresStore({ connection: url, secrets, logger }, schema ? { schema } : {})
    }
    default:
      return createMemoryStore({ secrets, logger })
  }
}

function withoutParameter(
  text: string,
  name: string,
): { readonly url: string; readonly value: string | null } {
  const url = new URL(text)
  const value = url.searchParams.get(name)
  url.searchParams.delete(name)
  return { url: url.href, value }
}
