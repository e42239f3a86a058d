import { StoreError } from '@ilp/store-traits'
import type { Client } from './client.js'
import type { Keys } from './keys.js'
import { type Script, script } from './script.js'

/**
 * The way from each version of the layout to the next: the keys that it declares, and its script, which runs where the
 * version is still the one before. Forward only; a step that has been published never changes.
 */
interface Migration {
  readonly keys: (keys: Keys) => readonly string[]
  readonly step: Script
}

/** Checking the version, the step itself and the new version are one script: of several processes one does it. */
const migration = (from: number, keys: Migration['keys'], body: string): Migration => ({
  keys,
  step: script(`
if tonumber(redis.call('GET', KEYS[1]) or 0) ~= ${from} then
  return 0
end
${body}
redis.call('SET', KEYS[1], '${from + 1}')
return 1
`),
})

const MIGRATIONS: readonly Migration[] = [migration(0, () => [], '')]

/** The version of the layout that this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length

/**
 * Brings the layout to this program's version.
 * @throws StoreError ERR_STORE_TOO_NEW when a newer program has changed it
 */
export async function migrate(client: Client, keys: Keys): Promise<void> {
  for (;;) {
    const version = Number((await client.call('GET', keys.schema)) ?? 0)
    if (!(version <= SCHEMA_VERSION)) {
      throw new StoreError(
        'ERR_STORE_TOO_NEW',
        `Redis holds data of version ${version}, this program knows versions up to ${SCHEMA_VERSION}: update it`,
      )
    }
    const next = MIGRATIONS[version]
    if (!next) return
    await client.run(next.step, [keys.schema, ...next.keys(keys)], [])
  }
}
