import { COMMON } from './common.js'
import { NUMBERS } from './numbers.js'

/** What settlements and adjustments share. KEYS[1] are the balances, KEYS[2] the counterparts that they post against. */
export const POSTING = `${COMMON}${NUMBERS}
local function balanceOf(id)
  return string.match(redis.call('HGET', KEYS[1], id) or '0 0 0', '^(%S+) (%S+) (%S+)$')
end

local function sum(a, b)
  return minus(a, minus({ 0 }, b))
end

-- What the account and the counterpart of its asset come to, with limbs added to the balance.
local function posting(id, asset, amount)
  local balance, out, into = balanceOf(id)
  local counterpart = redis.call('HGET', KEYS[2], asset) or '0'
  local credited, against = format(sum(parse(balance), amount)), format(minus(parse(counterpart), amount))
  return credited .. ' ' .. out .. ' ' .. into, against
end
`
