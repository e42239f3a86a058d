import { script } from '../script.js'
import { COMMON } from './common.js'
import { NUMBERS } from './numbers.js'

/**
 * Applies a batch. Everything is read and understood before the first write, which is one that the server refuses when
 * its memory is used up: Redis doesn't undo what a script wrote before it failed.
 *
 * KEYS: session, its holds, balances, positions. ARGV: seq, the batch (`encodeBatch`).
 * Returns the outcomes, a letter for each operation; or why nothing was applied, as a number (`NOT_APPLIED`).
 */
export const APPLY = script(
  COMMON +
    NUMBERS +
    `
local session = redis.call('HMGET', KEYS[1], 'seq', 'outcomes', 'seen', 'lease', 'ended')
if not session[1] then
  return 1
end
local seq, passed = tonumber(ARGV[1]), tonumber(session[1])
if seq < passed then
  return 2
end
if seq > passed + 1 then
  return 3
end
local now = clock()
local ended = session[5]
local live = not ended and now - tonumber(session[3]) < tonumber(session[4])
if seq == passed then
  if live then
    redis.call('HSET', KEYS[1], 'seen', whole(now))
  end
  return session[2]
end

local ids, assetOf, assets, views, operations = unpack(cmsgpack.unpack(ARGV[2]))
local held, kept, posted = read(KEYS[2], ids), read(KEYS[3], ids), read(KEYS[4], assets)

-- What the batch moves, as pairs: the balance (1, 2), what is held out (3, 4) and held in (5, 6), both for the account as
-- a whole and for the session. Then, once an operation has asked, what the session held before of out (7, 8) and in (9, 10).
local moved = {}
-- Before the batch: the account's balance, held out, held in; what the session holds of out and in.
local before = {}
for i = 1, #ids do
  local balance, out, into = string.match(kept[i] or '0 0 0', '^(%S+) (%S+) (%S+)$')
  local mineOut, mineIn = string.match(held[i] or '0 0', '^(%S+) (%S+)$')
  before[i] = { balance, out, into, mineOut, mineIn }
  moved[i] = { 0, 0, 0, 0, 0, 0, false, false, false, false }
end

-- Accounts with the limits that they came with, numbered as the operations name them, three values each. How far they
-- were from them before the batch is found out when an operation asks; false where there is no limit.
local account, was = {}, {}
for i = 1, #views / 3 do
  account[i], was[i] = moved[views[3 * i - 2]], before[views[3 * i - 2]]
end
local minHigh, minLow, maxHigh, maxLow = {}, {}, {}, {}

local function roomAbove(source)
  local min, text = views[3 * source - 1], was[source]
  minHigh[source] = false
  if min ~= '' then
    minHigh[source], minLow[source] = room(text[1], text[2], min)
  end
  return minHigh[source]
end

local function roomBelow(target)
  local max, text = views[3 * target], was[target]
  maxHigh[target] = false
  if max ~= '' then
    maxHigh[target], maxLow[target] = room(max, text[1], text[3])
  end
  return maxHigh[target]
end

local function isHeld(source, target, outHigh, outLow, inHigh, inLow)
  local from, to = account[source], account[target]
  if not from[7] then
    from[7], from[8] = near(was[source][4])
  end
  if not to[9] then
    to[9], to[10] = near(was[target][5])
  end
  return (from[7] + from[3] - outHigh) * BASE + (from[8] + from[4] - outLow) >= 0
    and (to[9] + to[5] - inHigh) * BASE + (to[10] + to[6] - inLow) >= 0
end

local outcomes = {}
local isPosted = {}
for i = 1, #operations, 7 do
  local kind, source, target = operations[i], operations[i + 1], operations[i + 2]
  local outHigh, outLow = operations[i + 3], operations[i + 4]
  local inHigh, inLow = operations[i + 5], operations[i + 6]
  local from, to = account[source], account[target]
  local outcome
  if kind == 0 then
    local min, max = minHigh[source], maxHigh[target]
    if min == nil then
      min = roomAbove(source)
    end
    if max == nil then
      max = roomBelow(target)
    end
    if not live then
      outcome = 's'
    elseif min and (min + from[1] - from[3] - outHigh) * BASE + (minLow[source] + from[2] - from[4] - outLow) < 0 then
      outcome = 'm'
    elseif max and (max - to[1] - to[5] - inHigh) * BASE + (maxLow[target] - to[2] - to[6] - inLow) < 0 then
      outcome = 'x'
    else
      outcome = 'd'
      from[3] = from[3] + outHigh
      from[4] = from[4] + outLow
      to[5] = to[5] + inHigh
      to[6] = to[6] + inLow
    end
  else
    if ended or not isHeld(source, target, outHigh, outLow, inHigh, inLow) then
      outcome = kind == 1 and 'l' or 'n'
    else
      outcome = 'd'
      from[3] = from[3] - outHigh
      from[4] = from[4] - outLow
      to[5] = to[5] - inHigh
      to[6] = to[6] - inLow
    end
    if kind == 1 then
      from[1] = from[1] - outHigh
      from[2] = from[2] - outLow
      to[1] = to[1] + inHigh
      to[2] = to[2] + inLow
      isPosted[from] = true
      isPosted[to] = true
    end
  end
  outcomes[#outcomes + 1] = outcome
end

local balances, holds, gone, positions = {}, {}, {}, {}
local against = {}
for i = 1, #ids do
  local change, text = moved[i], before[i]
  if isPosted[change] then
    local sum = against[assetOf[i]] or { 0, 0 }
    against[assetOf[i]] = { sum[1] - change[1], sum[2] - change[2] }
  end
  local outHigh, outLow, inHigh, inLow = change[3], change[4], change[5], change[6]
  local balance = plus(text[1], change[1], change[2])
  local out, into = plus(text[2], outHigh, outLow), plus(text[3], inHigh, inLow)
  if balance ~= text[1] or out ~= text[2] or into ~= text[3] then
    balances[#balances + 1] = ids[i]
    balances[#balances + 1] = balance .. ' ' .. out .. ' ' .. into
  end
  local mineOut, mineIn = plus(text[4], outHigh, outLow), plus(text[5], inHigh, inLow)
  if mineOut == '0' and mineIn == '0' then
    if held[i] then
      gone[#gone + 1] = ids[i]
    end
  elseif mineOut ~= text[4] or mineIn ~= text[5] then
    holds[#holds + 1] = ids[i]
    holds[#holds + 1] = mineOut .. ' ' .. mineIn
  end
end
for i, sum in pairs(against) do
  positions[#positions + 1] = assets[i]
  positions[#positions + 1] = plus(posted[i] or '0', sum[1], sum[2])
end

local answer = table.concat(outcomes)
redis.call('HSET', KEYS[1], 'seq', whole(seq), 'outcomes', answer, 'seen', live and whole(now) or session[3])
write('HSET', KEYS[3], balances)
write('HSET', KEYS[2], holds)
write('HDEL', KEYS[2], gone)
write('HSET', KEYS[4], positions)
return answer
`,
)
