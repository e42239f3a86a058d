import { randomUUID } from 'node:crypto'
import type { AccountId } from '@ilp/service-core'
import {
  checkAccount,
  checkSettlement,
  checkTerms,
  type LedgerAccount,
  type OutgoingSettlement,
  SETTLEMENT_KEY_KEPT_MS,
  type SettlementStore,
} from '@ilp/store-traits'
import type { Backend } from './backend.js'

type OutboxRow = readonly [
  account: string,
  key: string,
  code: string,
  scale: number,
  amount: string,
  createdMs: string,
]

export function postgresSettlements(backend: Backend): SettlementStore {
  return {
    settle: async (account, terms) => {
      backend.check()
      checkAccount(account)
      checkTerms(terms)
      const { id, asset } = account
      const [row] = await backend.query(
        'SELECT $1::text, key, code, scale, amount, created_ms FROM settle($1, $2, $3, $4, $5, $6)',
        [id, asset.code, asset.scale, `${terms.threshold}`, `${terms.settleTo}`, randomUUID()],
      )
      return row ? outgoing(row as unknown as OutboxRow) : undefined
    },
    readOutbox: async () => {
      const rows = await backend.query(
        'SELECT account, key, code, scale, amount, milliseconds(created) FROM outbox ORDER BY number',
      )
      return rows.map(row => outgoing(row as unknown as OutboxRow))
    },
    acknowledge: async key => {
      await backend.query('DELETE FROM outbox WHERE key = $1', [key])
    },
    credit: async settlement => {
      backend.check()
      checkSettlement(settlement)
      const { key, account, quantity } = settlement
      const { id, asset } = account
      const its = `${quantity.amount}e-${quantity.scale}`
      const [[credited] = []] = await backend.query('SELECT credit($1, $2, $3, $4, $5, $6, $7)', [
        ...[key, id, asset.code, asset.scale],
        ...[its, quantity.scale, SETTLEMENT_KEY_KEPT_MS],
      ])
      return credited === null ? 'key-reused' : BigInt(credited as string)
    },
  }
}

function outgoing([account, key, code, scale, amount, createdMs]: OutboxRow): OutgoingSettlement {
  const of: Pick<LedgerAccount, 'id' | 'asset'> = { id: account as AccountId, asset: { code, scale } }
  return { key, account: of, amount: BigInt(amount), createdAtMs: Number(createdMs) }
}
