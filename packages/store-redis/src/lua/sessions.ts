import { script } from '../script.js'
import { COMMON } from './common.js'
import { NUMBERS } from './numbers.js'

/** KEYS: session, live sessions. ARGV: the session's id, lease and longest hold in milliseconds. */
export const OPEN_SESSION = script(
  COMMON +
    `
redis.call('HSET', KEYS[1], 'seq', '0', 'outcomes', '', 'seen', whole(clock()), 'lease', ARGV[2], 'hold', ARGV[3])
redis.call('SADD', KEYS[2], ARGV[1])
return 1
`,
)

/** KEYS: session. Returns 0 where there is none, 1 when its lease is over, 2 when it was renewed. */
export const RENEW_SESSION = script(
  COMMON +
    `
local session = redis.call('HMGET', KEYS[1], 'seen', 'lease', 'ended')
if not session[1] then
  return 0
end
local now = clock()
if session[3] or now - tonumber(session[1]) >= tonumber(session[2]) then
  return 1
end
redis.call('HSET', KEYS[1], 'seen', whole(now))
return 2
`,
)

/**
 * Ends a session and gives its holds back. KEYS: session, its holds, balances, live sessions. ARGV: the session's id,
 * how long it is remembered in milliseconds, `expired` to end it only when its lease and longest hold are over.
 * Returns whether it was this call that ended it, as 0 or 1.
 */
export const END_SESSION = script(
  COMMON +
    NUMBERS +
    `
local session = redis.call('HMGET', KEYS[1], 'seen', 'lease', 'hold', 'ended')
if not session[1] then
  redis.call('SREM', KEYS[4], ARGV[1])
  return 0
end
local now = clock()
if session[4] then
  return 0
end
if ARGV[3] == 'expired' and now - tonumber(session[1]) < tonumber(session[2]) + tonumber(session[3]) then
  return 0
end
local held = redis.call('HGETALL', KEYS[2])
local ids = {}
for i = 1, #held, 2 do
  ids[#ids + 1] = held[i]
end
local balances = {}
for i, kept in ipairs(read(KEYS[3], ids)) do
  local balance, out, into = string.match(kept, '^(%S+) (%S+) (%S+)$')
  local mineOut, mineIn = string.match(held[2 * i], '^(%S+) (%S+)$')
  out, into = format(minus(parse(out), parse(mineOut))), format(minus(parse(into), parse(mineIn)))
  balances[#balances + 1] = ids[i]
  balances[#balances + 1] = balance .. ' ' .. out .. ' ' .. into
end
redis.call('HSET', KEYS[1], 'ended', whole(now))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
write('HSET', KEYS[3], balances)
redis.call('DEL', KEYS[2])
redis.call('SREM', KEYS[4], ARGV[1])
return 1
`,
)
