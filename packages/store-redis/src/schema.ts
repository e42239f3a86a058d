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

/**
 * From version 2 on every string in an account's text carries a letter for what it stands for; before, only bigints
 * (`n:`) and strings that look like one of the marks (`s:`) did. Strings that a colon follows are names of properties.
 */
const MARK_STRINGS = `
local function marked(value)
  local mark = string.sub(value, 1, 2)
  if mark == 'n:' or mark == 's:' then
    return string.sub(value, 1, 1) .. string.sub(value, 3)
  end
  return 's' .. value
end

local function converted(text)
  local parts, at = {}, 1
  local first = string.find(text, '"', at, true)
  while first do
    local last = string.find(text, '["\\\\]', first + 1)
    while string.sub(text, last, last) ~= '"' do
      last = string.find(text, '["\\\\]', last + 2)
    end
    local value = string.sub(text, first + 1, last - 1)
    if string.sub(text, last + 1, last + 1) ~= ':' then
      value = marked(value)
    end
    parts[#parts + 1] = string.sub(text, at, first) .. value .. '"'
    at = last + 1
    first = string.find(text, '"', at, true)
  end
  return table.concat(parts) .. string.sub(text, at)
end

local accounts = redis.call('HGETALL', KEYS[2])
for i = 2, #accounts, 2 do
  accounts[i] = converted(accounts[i])
end
for i = 1, #accounts, 2 do
  redis.call('HSET', KEYS[2], accounts[i], accounts[i + 1])
end
`

const MIGRATIONS: readonly Migration[] = [
  migration(0, () => [], ''),
  migration(1, ({ accounts }) => [accounts], MARK_STRINGS),
]

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
