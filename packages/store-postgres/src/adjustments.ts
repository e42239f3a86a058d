import type { AccountId } from '@ilp/service-core'
import { ADJUSTMENTS_READ_MAX, type AdjustmentStore, checkAdjustment } from '@ilp/store-traits'
import type { Backend } from './backend.js'

export function postgresAdjustments(backend: Backend): AdjustmentStore {
  return {
    adjust: async adjustment => {
      backend.check()
      checkAdjustment(adjustment)
      const { key, amount, reason } = adjustment
      const { id, asset } = adjustment.account
      const values = [key, id, asset.code, asset.scale, `${amount}`, reason]
      const [[answer] = []] = await backend.query('SELECT adjust($1, $2, $3, $4, $5, $6)', values)
      return answer as 'posted' | 'key-reused'
    },
    read: async account => {
      const rows = (await backend.query(
        `SELECT key, account, amount, reason, milliseconds(posted) FROM adjustments
         WHERE account = $1 ORDER BY number DESC LIMIT ${ADJUSTMENTS_READ_MAX}`,
        [account],
      )) as [string, AccountId, string, string, string][]
      return rows.map(([key, of, amount, reason, postedMs]) => ({
        key,
        account: of,
        amount: BigInt(amount),
        reason,
        postedAtMs: Number(postedMs),
      }))
    },
  }
}
