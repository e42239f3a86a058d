import { script } from '../script.js'
import { COMMON } from './common.js'
import { NUMBERS } from './numbers.js'

/**
 * A bucket is the server's time in milliseconds, then, in 60,000ths of a token, the level at that time and the capacity,
 * and between them the tokens that come back in a minute, which are the 60,000ths that come back in a millisecond.
 */
const BUCKET = `${COMMON}${NUMBERS}
-- The most that any limb may be multiplied by, and stay exact.
local FACTOR = 1e5

local function sum(a, b)
  return minus(a, minus({ 0 }, b))
end

local function isBelow(a, b)
  return byte(format(minus(a, b))) == 45
end

-- With a number below FACTOR.
local function times(limbs, number)
  local product = {}
  for i = 1, #limbs do
    product[i] = limbs[i] * number
  end
  product[#product + 1] = carry(product)
  return product
end

-- With any whole number that a double holds exactly.
local function product(limbs, number)
  local low = fmod(number, FACTOR)
  local all = times(limbs, low)
  if number > low then
    all = sum(all, times(product(limbs, (number - low) / FACTOR), FACTOR))
    all[#all + 1] = carry(all)
  end
  return all
end

-- What the bucket holds now, when it has got these terms.
local now = clock()
local function filled(perMinute, capacity)
  local kept = redis.call('GET', KEYS[1])
  if not kept then
    return parse(capacity)
  end
  local at, level, formerPerMinute, formerCapacity = string.match(kept, '^(%S+) (%S+) (%S+) (%S+)$')
  local limbs = sum(parse(level), product(parse(formerPerMinute), math.max(0, now - tonumber(at))))
  for _, limit in ipairs({ formerCapacity, capacity }) do
    if isBelow(parse(limit), limbs) then
      limbs = parse(limit)
    end
  end
  return limbs
end

-- Longer than anybody waits, and no more than the server can count.
local FOREVER_MS = 1e15

-- A full one is forgotten; one that is not, when it will be. Never before: what is rounded here is rounded up.
local function keep(perMinute, capacity, limbs)
  local missing = format(minus(parse(capacity), limbs))
  if missing == '0' then
    redis.call('DEL', KEYS[1])
    return
  end
  redis.call('SET', KEYS[1], table.concat({ whole(now), format(limbs), perMinute, capacity }, ' '))
  local ms = math.ceil(tonumber(missing) / tonumber(perMinute) * (1 + 1e-9)) + 1
  if ms < FOREVER_MS then
    redis.call('PEXPIREAT', KEYS[1], whole(now + ms))
  end
end
`

/**
 * KEYS: bucket. ARGV: tokens that come back in a minute, the capacity and the tokens wanted in 60,000ths, the tokens wanted.
 * Returns how many were taken.
 */
export const TAKE = script(
  BUCKET +
    `
local perMinute, capacity, parts, wanted = unpack(ARGV)
local level = filled(perMinute, capacity)
local rest, taken = minus(level, parse(parts)), wanted
if isBelow(level, parse(parts)) then
  -- As many as there are: from the highest limb down, what is less than a token goes on to the next one.
  level[#level + 1] = carry(level)
  local tokens, over = {}, 0
  for i = #level, 1, -1 do
    local dividend = over * BASE + level[i]
    over = fmod(dividend, 60000)
    tokens[i] = (dividend - over) / 60000
  end
  rest, taken = { over, 0 }, format(tokens)
end
keep(perMinute, capacity, rest)
return taken
`,
)

/** KEYS: bucket. ARGV: tokens that come back in a minute, the capacity and the tokens to put back in 60,000ths. */
export const GIVE = script(
  BUCKET +
    `
local perMinute, capacity, parts = unpack(ARGV)
local level = sum(filled(perMinute, capacity), parse(parts))
if isBelow(parse(capacity), level) then
  level = parse(capacity)
end
keep(perMinute, capacity, level)
return 1
`,
)
