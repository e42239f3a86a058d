/** What several scripts of the ledger share. */
export const COMMON = `
-- As many values as one call takes without running out of Lua's stack. Even, for pairs.
local AT_ONCE = 1000

local function read(key, fields)
  local values = {}
  for first = 1, #fields, AT_ONCE do
    local part = redis.call('HMGET', key, unpack(fields, first, math.min(first + AT_ONCE - 1, #fields)))
    for i = 1, #part do
      values[first + i - 1] = part[i]
    end
  end
  return values
end

local function write(command, key, args)
  for first = 1, #args, AT_ONCE do
    redis.call(command, key, unpack(args, first, math.min(first + AT_ONCE - 1, #args)))
  end
end

-- Milliseconds since 1970 by the server's clock.
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(number)
  return string.format('%.0f', number)
end
`
