import type { AccountId } from '@ilp/service-core'
import {
  ADJUSTMENTS_READ_MAX,
  type AdjustmentStore,
  checkAdjustment,
  type PostedAdjustment,
} from '@ilp/store-traits'
import type { Backend } from './backend.js'
import { assetName } from './batch.js'
import type { Keys } from './keys.js'
import { ADJUST, READ_ADJUSTMENTS } from './lua/adjustments.js'

export function redisAdjustments(backend: Backend, keys: Keys): AdjustmentStore {
  return {
    adjust: async adjustment => {
      checkAdjustment(adjustment)
      const { key, account, amount, reason } = adjustment
      const its = [keys.balances, keys.adjusted, keys.adjustments, keys.adjustmentsOf(account.id)]
      const asked = `${account.id} ${amount} ${reason}`
      const args = [account.id, assetName(account.asset), key, String(amount), asked]
      return (await backend.run(ADJUST, its, args)) === 1 ? 'posted' : 'key-reused'
    },
    read: async account => {
      const its = [keys.adjustmentsOf(account), keys.adjustments]
      const answer = await backend.run(READ_ADJUSTMENTS, its, [String(ADJUSTMENTS_READ_MAX)])
      const [names, records] = answer as [string[], string[]]
      return names.map((key, i) => parse(key, records[i] as string))
    },
  }
}

function parse(key: string, record: string): PostedAdjustment {
  const [time = '', account = '', amount = '', ...reason] = record.split(' ')
  return {
    key,
    account: account as AccountId,
    amount: BigInt(amount),
    reason: reason.join(' '),
    postedAtMs: Number(time),
  }
}
