import { StoreError } from '@ilp/store-traits'
import type { Client } from './client.js'
import { MIGRATIONS } from './migrations/index.js'

/** How long a step may take, and wait for another process that takes it. */
const STEP_MS_MAX = 60_000

/** The lock, checking the version, the step itself and the new version are one transaction: of several processes one does it. */
const migration = (schema: string, from: number, step: string): string => `
BEGIN;
SET LOCAL statement_timeout = ${STEP_MS_MAX};
DO $migration$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('ilp store ${schema}', 0));
  IF to_regnamespace('${schema}') IS NULL THEN
    CREATE SCHEMA ${schema};
  END IF;
  CREATE TABLE IF NOT EXISTS ${schema}.layout (version integer NOT NULL);
  IF coalesce((SELECT max(version) FROM ${schema}.layout), 0) = ${from} THEN
    ${step}
    DELETE FROM layout;
    INSERT INTO layout VALUES (${from + 1});
  END IF;
END
$migration$;
COMMIT
`

async function readVersion(client: Client, schema: string): Promise<number> {
  const [[isThere] = []] = await client.query('SELECT to_regclass($1) IS NOT NULL', [`${schema}.layout`])
  if (isThere !== true) return 0
  const [[version] = []] = await client.query('SELECT max(version) FROM layout')
  return Number(version ?? 0)
}

/**
 * Brings the layout to this program's version: the one behind the last of its steps.
 * @throws StoreError ERR_STORE_TOO_NEW when a newer program has changed it
 */
export async function migrate(
  client: Client,
  schema: string,
  steps: readonly string[] = MIGRATIONS,
): Promise<void> {
  for (;;) {
    const version = await readVersion(client, schema)
    if (version > steps.length) {
      throw new StoreError(
        'ERR_STORE_TOO_NEW',
        `Postgres holds data of version ${version}, this program knows versions up to ${steps.length}: update it`,
      )
    }
    const step = steps[version]
    if (step === undefined) return
    await client.query(migration(schema, version, step), [], STEP_MS_MAX)
  }
}
