import { script } from '../script.js'

/** KEYS: positions, their settled, their adjusted. Returns what they hold, as of one moment. */
export const READ_POSITIONS = script(`
local all = {}
for i = 1, #KEYS do
  all[i] = redis.call('HGETALL', KEYS[i])
end
return all
`)
