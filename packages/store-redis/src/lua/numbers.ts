/**
 * Integers of any size in Lua, whose numbers are doubles: in limbs of base 10^10, so that every sum of up to 100,000
 * amounts stays below 2^53 in each limb, and is exact without carrying. Most are pairs, a high limb and a low one, which
 * cost no table; those that are longer are arrays of limbs, the least first, at least two of them.
 */
export const NUMBERS = `
local BASE = 1e10
local fmod, sub, byte = math.fmod, string.sub, string.byte

-- A pair, both limbs with the sign of the whole; nothing for more than 25 characters.
local function pair(text)
  local size = #text
  if size <= 15 then
    local number = tonumber(text)
    local low = fmod(number, BASE)
    return (number - low) / BASE, low
  elseif size <= 25 then
    local low = tonumber(sub(text, -10))
    return tonumber(sub(text, 1, -11)), byte(text) == 45 and -low or low
  end
end

-- Limbs, each with the sign of the whole.
local function parse(text)
  local sign, digits = 1, text
  if byte(text) == 45 then
    sign, digits = -1, sub(text, 2)
  end
  local limbs = {}
  for last = #digits, 1, -10 do
    limbs[#limbs + 1] = sign * tonumber(sub(digits, math.max(1, last - 9), last))
  end
  limbs[2] = limbs[2] or 0
  return limbs
end

local function minus(a, b)
  local difference = {}
  for i = 1, math.max(#a, #b) do
    difference[i] = (a[i] or 0) - (b[i] or 0)
  end
  return difference
end

-- Leaves digits of 0 to BASE - 1, and returns what is above them, with the sign of the whole.
local function carry(limbs)
  local over = 0
  for i = 1, #limbs do
    local value = limbs[i] + over
    -- Plus zero, since the rest of a negative number may be minus zero, which would be written so.
    local digit = fmod(value, BASE) + 0
    if digit < 0 then
      digit = digit + BASE
    end
    limbs[i] = digit
    over = (value - digit) / BASE
  end
  return over
end

local function format(limbs)
  local over = carry(limbs)
  local sign = ''
  if over < 0 then
    sign = '-'
    for i = 1, #limbs do
      limbs[i] = 0 - limbs[i]
    end
    over = carry(limbs) - over
  end
  limbs[#limbs + 1] = over
  local top = #limbs
  while top > 1 and limbs[top] == 0 do
    top = top - 1
  end
  local parts = { sign, string.format('%.0f', limbs[top]) }
  for i = top - 1, 1, -1 do
    parts[#parts + 1] = string.format('%010.0f', limbs[i])
  end
  return table.concat(parts)
end

-- The text plus a sum that carries nothing yet.
local function plus(text, high, low)
  if high == 0 and low == 0 then
    return text
  end
  local textHigh, textLow = pair(text)
  if not textHigh then
    local limbs = parse(text)
    limbs[1], limbs[2] = limbs[1] + low, limbs[2] + high
    return format(limbs)
  end
  high, low = high + textHigh, low + textLow
  local rest = fmod(low, BASE)
  high = high + (low - rest) / BASE
  if high > 0 and rest < 0 then
    high, rest = high - 1, rest + BASE
  elseif high < 0 and rest > 0 then
    high, rest = high + 1, rest - BASE
  end
  if high == 0 then
    return rest == 0 and '0' or string.format('%.0f', rest)
  end
  return string.format('%.0f%010.0f', high, math.abs(rest))
end

-- A pair; where it is further from zero than any batch can move, one that is still as far.
local FAR = 1e15
local function clamp(limbs)
  local high = carry(limbs)
  for i = #limbs, 2, -1 do
    high = high * BASE + limbs[i]
  end
  return math.max(-FAR, math.min(FAR, high)), limbs[1]
end

local function near(text)
  local high, low = pair(text)
  if high then
    return high, low
  end
  return clamp(parse(text))
end

-- The first less the others, as a pair.
local function room(text, other, another)
  local high, low = pair(text)
  local otherHigh, otherLow = pair(other)
  local anotherHigh, anotherLow = pair(another)
  if high and otherHigh and anotherHigh then
    return high - otherHigh - anotherHigh, low - otherLow - anotherLow
  end
  return clamp(minus(minus(parse(text), parse(other)), parse(another)))
end
`
