import { Redis } from 'ioredis'
import { versionOf } from '../machine.js'
import type { Bare } from './store-alone.js'

export const BARE_REDIS = `ioredis ${versionOf('ioredis')}, two script calls a packet`

/** Looks at a limit and moves an amount: the least that a reserve or a commit has to do. */
const SCRIPT = `
local balance = tonumber(redis.call('HGET', KEYS[1], 'balance') or '0')
if balance < -9007199254740991 then return 0 end
redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[3])
redis.call('HINCRBY', KEYS[2], ARGV[2], ARGV[3])
return 1
`

interface WithTransfer extends Redis {
  readonly transfer: (...args: readonly string[]) => Promise<number>
}

/** A packet in two script calls by ioredis, each as soon as it is asked for. */
export function bareRedis(url: string): Bare & { readonly stop: () => Promise<unknown> } {
  const redis = new Redis(url) as WithTransfer
  redis.defineCommand('transfer', { numberOfKeys: 2, lua: SCRIPT })
  const move = async (from: string, to: string) => {
    if ((await redis.transfer('{bare}alice', '{bare}bob', from, to, '10')) !== 1) throw new Error('refused')
  }
  return {
    packet: async () => {
      await move('heldOut', 'heldIn')
      await move('balance', 'balance')
    },
    stop: () => redis.quit(),
  }
}
