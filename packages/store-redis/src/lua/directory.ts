import { script } from '../script.js'

/**
 * Changes of what stores hold in memory. KEYS[1] is the revision, which each change counts up and carries with it;
 * ARGV[1] the channel, ARGV[2] what is told there. The revision is written first: the server refuses that when its memory
 * is used up, and then nothing has been changed. Each returns the revision, or why nothing was changed.
 */
const CHANGE = `
local function announce()
  local revision = redis.call('INCR', KEYS[1])
  redis.call('PUBLISH', ARGV[1], string.format('%.0f', revision) .. ' ' .. ARGV[2])
  return revision
end
`

/** KEYS: accounts, usernames, heads, retired ids. ARGV: id, username, asset, the account. */
export const PUT_ACCOUNT = script(
  CHANGE +
    `
local _, accounts, usernames, heads, retired = unpack(KEYS)
local _, _, id, username, asset, account = unpack(ARGV)
if redis.call('SISMEMBER', retired, id) == 1 then
  return 'id-retired'
end
local former = redis.call('HGET', heads, id)
local head = former and cjson.decode(former)
if head and head[2] ~= asset then
  return 'asset-fixed'
end
local owner = redis.call('HGET', usernames, username)
if owner and owner ~= id then
  return 'username-taken'
end
local revision = announce()
if head then
  redis.call('HDEL', usernames, head[1])
end
redis.call('HSET', usernames, username, id)
redis.call('HSET', heads, id, cjson.encode({ username, asset }))
redis.call('HSET', accounts, id, account)
return revision
`,
)

/** KEYS: accounts, usernames, heads, retired ids, incoming tokens, their owners, outgoing tokens. ARGV: id. */
export const REMOVE_ACCOUNT = script(
  CHANGE +
    `
local _, accounts, usernames, heads, retired, incoming, owners, outgoing = unpack(KEYS)
local id = ARGV[3]
local head = redis.call('HGET', heads, id)
if not head then
  return 0
end
local revision = announce()
redis.call('SADD', retired, id)
redis.call('HDEL', usernames, cjson.decode(head)[1])
redis.call('HDEL', heads, id)
redis.call('HDEL', accounts, id)
for _, link in ipairs({ 'btp', 'http' }) do
  local field = link .. ' ' .. id
  for _, hash in ipairs(cjson.decode(redis.call('HGET', incoming, field) or '[]')) do
    redis.call('HDEL', owners, link .. ' ' .. hash)
  end
  redis.call('HDEL', incoming, field)
  redis.call('HDEL', outgoing, field)
end
return revision
`,
)

/** KEYS: incoming tokens, their owners. ARGV: id, link, hashes to store, all hashes to look for, both as JSON. */
export const SET_INCOMING = script(
  CHANGE +
    `
local _, incoming, owners = unpack(KEYS)
local _, _, id, link, hashes, all = unpack(ARGV)
for _, hash in ipairs(cjson.decode(all)) do
  for _, any in ipairs({ 'btp', 'http' }) do
    local owner = redis.call('HGET', owners, any .. ' ' .. hash)
    if owner and owner ~= id then
      return 'token-taken'
    end
  end
end
local revision = announce()
local field = link .. ' ' .. id
for _, hash in ipairs(cjson.decode(redis.call('HGET', incoming, field) or '[]')) do
  redis.call('HDEL', owners, link .. ' ' .. hash)
end
for _, hash in ipairs(cjson.decode(hashes)) do
  redis.call('HSET', owners, link .. ' ' .. hash, id)
end
redis.call('HSET', incoming, field, hashes)
return revision
`,
)

/** KEYS: a hash. ARGV: field, value; without a value the field is removed, if it is there. */
export const SET_FIELD = script(
  CHANGE +
    `
local field, value = ARGV[3], ARGV[4]
if not value and redis.call('HEXISTS', KEYS[2], field) == 0 then
  return 0
end
local revision = announce()
if value then
  redis.call('HSET', KEYS[2], field, value)
else
  redis.call('HDEL', KEYS[2], field)
end
return revision
`,
)

/** KEYS: what is known of the node. ARGV: when the rates were in force, the rates. */
export const SET_RATES = script(
  CHANGE +
    `
local former = redis.call('HGET', KEYS[2], 'rates')
if former and cjson.decode(former).asOfMs >= tonumber(ARGV[3]) then
  return 0
end
local revision = announce()
redis.call('HSET', KEYS[2], 'rates', ARGV[4])
return revision
`,
)

/** KEYS: revision, then hashes. Returns the revision and what the hashes hold, as of one moment. */
export const READ_ALL = script(`
local all = { tonumber(redis.call('GET', KEYS[1]) or 0) }
for i = 2, #KEYS do
  all[i] = redis.call('HGETALL', KEYS[i])
end
return all
`)
