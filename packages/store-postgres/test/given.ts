import { type Logger, silentLogger } from '@ilp/service-core'
import { Stores } from '@ilp/store-processes'
import { createSecrets } from '@ilp/store-traits'
import { Client } from 'pg'
import { createPostgresStore, type PostgresStoreOptions } from '../src/index.js'

export const secrets = createSecrets(new Uint8Array(32).fill(7))

export const postgresStores = () =>
  new Stores(
    (connection: string, options: Partial<PostgresStoreOptions> = {}, logger: Logger = silentLogger) =>
      // Other tests run beside these, and may hold up any step for a while.
      createPostgresStore({ connection, secrets, logger }, { timeoutMs: 20_000, ...options }),
  )

/** Asks the server as somebody else. */
export async function ask(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<readonly (readonly unknown[])[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: statement, values, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}
