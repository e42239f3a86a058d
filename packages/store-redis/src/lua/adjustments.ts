import { script } from '../script.js'
import { COMMON } from './common.js'
import { POSTING } from './posting.js'

/**
 * A record is the time in milliseconds, the account's id, the amount and the reason.
 *
 * KEYS: balances, adjusted, records, the keys of the account's. ARGV: id, asset, key, amount, the record without its
 * time. Returns 1; 0 where the key was another's.
 */
export const ADJUST = script(
  POSTING +
    `
local _, adjusted, records, keys = unpack(KEYS)
local id, asset, key, amount, asked = unpack(ARGV)
local known = redis.call('HGET', records, key)
if known then
  return string.match(known, '^%d+ (.*)$') == asked and 1 or 0
end
local kept, against = posting(id, asset, parse(amount))
redis.call('HSET', records, key, whole(clock()) .. ' ' .. asked)
redis.call('LPUSH', keys, key)
redis.call('HSET', KEYS[1], id, kept)
redis.call('HSET', adjusted, asset, against)
return 1
`,
)

/** KEYS: the keys of the account's adjustments, records. ARGV: how many. Returns keys and records, the newest first. */
export const READ_ADJUSTMENTS = script(
  COMMON +
    `
local keys = redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
return { keys, read(KEYS[2], keys) }
`,
)
