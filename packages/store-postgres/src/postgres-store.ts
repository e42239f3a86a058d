import { type Logger, lifecycle, silentLogger } from '@ilp/service-core'
import { createMirror, type Secrets, type Store, type StoredAccount } from '@ilp/store-traits'
import { postgresAdjustments } from './adjustments.js'
import { Backend } from './backend.js'
import { Client, type Connection } from './client.js'
import { Directory } from './directory.js'
import { postgresLedger } from './ledger.js'
import { postgresRateLimits } from './rate-limits.js'
import { COMMIT_DURABLY } from './safety.js'
import { postgresSettlements } from './settlements.js'

export interface PostgresStoreDeps {
  /** Where the server is: a URL (`postgres://`), or a configuration of `pg`. */
  readonly connection: Connection
  readonly secrets: Secrets
  /** Hears of what the server can lose, of lost connections, and of listeners that throw. */
  readonly logger?: Logger
}

export interface PostgresStoreOptions {
  /** The schema in which everything is, made when it is missing: stores with the same one share what they hold. */
  readonly schema: string
  /** How long the server may take to answer, or to be connected to. */
  readonly timeoutMs: number
}

export const POSTGRES_STORE_DEFAULTS: PostgresStoreOptions = { schema: 'ilp', timeoutMs: 2_000 }

/** Room for what is named after it: identifiers have up to 63 octets. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,49}$/

/** What each connection is told first. */
const setUp = ({ schema, timeoutMs }: PostgresStoreOptions): string => `
SET search_path = ${schema};
SET statement_timeout = ${Math.ceil(timeoutMs)};
SET default_transaction_isolation = 'read committed';
SET client_encoding = 'UTF8';
SET jit = off;
${COMMIT_DURABLY}
`

/**
 * A store with every trait, in Postgres 13 or later. Its start fails with ERR_STORE_UNAVAILABLE when the server can't be
 * reached, with ERR_STORE_TOO_NEW when a newer program has been there.
 */
export function createPostgresStore<A extends StoredAccount = StoredAccount>(
  { connection, secrets, logger = silentLogger }: PostgresStoreDeps,
  options: Partial<PostgresStoreOptions> = {},
): Store<A> {
  const all = { ...POSTGRES_STORE_DEFAULTS, ...options }
  const { schema, timeoutMs } = all
  if (!(timeoutMs > 0)) throw new RangeError('timeoutMs is more than 0')
  if (!SCHEMA.test(schema)) throw new TypeError('a schema is up to 50 small letters, digits and underscores')
  const connect = () => new Client(connection, { setUp: setUp(all), timeoutMs })
  const [ledger, client, listener] = [connect(), connect(), connect()]
  const directory = new Directory({ client, listener, schema })
  const mirror = createMirror<A>({ backend: directory, secrets, logger }, { timeoutMs })
  const backend = new Backend({ ledger, client, directory, mirror, logger })
  const { accounts, credentials, address, routes, rates } = mirror
  return {
    ...lifecycle(backend),
    properties: () => ({ loses: directory.loses, shared: true }),
    accounts,
    credentials,
    address,
    routes,
    rates,
    ledger: postgresLedger(backend),
    settlements: postgresSettlements(backend),
    adjustments: postgresAdjustments(backend),
    rateLimits: postgresRateLimits(backend),
  }
}
