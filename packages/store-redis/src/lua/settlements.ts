import { script } from '../script.js'
import { POSTING } from './posting.js'

/**
 * The first write of each is one that the server refuses when its memory is used up; everything is read and understood
 * before it. An entry of the outbox is the time in microseconds, which orders it, the amount, the account's id and its
 * asset.
 *
 * KEYS: balances, settled, outbox, the key in it of each account. ARGV: id, asset, a new key, threshold, what to settle
 * to. Returns the account's key and entry, nothing when there is none.
 */
export const SETTLE = script(
  POSTING +
    `
local _, settled, outbox, waiting = unpack(KEYS)
local id, asset, key, threshold, settleTo = unpack(ARGV)
local former = redis.call('HGET', waiting, id)
if former then
  return { former, redis.call('HGET', outbox, former) }
end
local balance, out = balanceOf(id)
local high, low = room(balance, threshold, '0')
if high * BASE + low < 0 then
  return false
end
local amount = format(minus(minus(parse(balance), parse(out)), parse(settleTo)))
if amount == '0' or byte(amount) == 45 then
  return false
end
local kept, against = posting(id, asset, minus({ 0 }, parse(amount)))
local time = redis.call('TIME')
local entry = time[1] .. string.format('%06d', time[2]) .. ' ' .. amount .. ' ' .. id .. ' ' .. asset
redis.call('HSET', outbox, key, entry)
redis.call('HSET', waiting, id, key)
redis.call('HSET', KEYS[1], id, kept)
redis.call('HSET', settled, asset, against)
return { key, entry }
`,
)

/** KEYS: outbox, the key in it of each account. ARGV: key. */
export const ACKNOWLEDGE = script(`
local outbox, waiting = unpack(KEYS)
local entry = redis.call('HGET', outbox, ARGV[1])
if not entry then
  return 0
end
local id = string.match(entry, '^%S+ %S+ (%S+) ')
redis.call('HDEL', waiting, id)
redis.call('HDEL', outbox, ARGV[1])
return 1
`)

/**
 * Lua for quantities, as `quantityIn` has them: texts, in which a power of ten moves the point.
 */
export const QUANTITIES = `
local function scaled(amount, by)
  return parse(amount .. string.rep('0', by))
end

-- The units of the scale in two quantities together, and what is left over: its amount and its scale.
local function unitsIn(scale, amount, itsScale, leftover, leftoverScale)
  local finest = math.max(scale, itsScale, leftoverScale)
  local fraction = finest - scale
  local total = format(sum(scaled(amount, finest - itsScale), scaled(leftover, finest - leftoverScale)))
  total = string.rep('0', fraction + 1 - #total) .. total
  local rest = string.match(sub(total, #total - fraction + 1), '^(.-)0*$')
  local units = sub(total, 1, #total - fraction)
  if rest == '' then
    return units, '0', 0
  end
  return units, string.match(rest, '^0*(.*)$'), scale + #rest
end
`

/**
 * KEYS: balances, settled, leftovers, the record of the key. ARGV: id, asset, its scale, the quantity's amount and
 * scale, how long the key is kept in milliseconds. Returns the units credited; nothing where the key was another's.
 */
export const CREDIT = script(
  POSTING +
    QUANTITIES +
    `
local _, settled, leftovers, record = unpack(KEYS)
local id, asset, scale, amount, itsScale, keptMs = unpack(ARGV)
local asked = id .. ' ' .. amount .. ' ' .. itsScale
local known = redis.call('GET', record)
if known then
  local units, formerly = string.match(known, '^(%S+) (.*)$')
  if formerly ~= asked then
    return false
  end
  redis.call('PEXPIRE', record, keptMs)
  return units
end
local left, leftScale = string.match(redis.call('HGET', leftovers, id) or '0 0', '^(%d+) (%d+)$')
local units, rest, restScale = unitsIn(tonumber(scale), amount, tonumber(itsScale), left, tonumber(leftScale))
local kept, against = posting(id, asset, parse(units))
redis.call('SET', record, units .. ' ' .. asked, 'PX', keptMs)
if units ~= '0' then
  redis.call('HSET', KEYS[1], id, kept)
  redis.call('HSET', settled, asset, against)
end
if rest == '0' then
  redis.call('HDEL', leftovers, id)
else
  redis.call('HSET', leftovers, id, rest .. ' ' .. restScale)
end
return units
`,
)
