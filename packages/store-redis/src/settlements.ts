import { randomUUID } from 'node:crypto'
import type { AccountId } from '@ilp/service-core'
import {
  checkAccount,
  checkSettlement,
  checkTerms,
  type OutgoingSettlement,
  SETTLEMENT_KEY_KEPT_MS,
  type SettlementStore,
} from '@ilp/store-traits'
import type { Backend } from './backend.js'
import { assetName, assetNamed } from './batch.js'
import type { Keys } from './keys.js'
import { ACKNOWLEDGE, CREDIT, SETTLE } from './lua/settlements.js'

/** Entries of the outbox that the server looks at in one step. */
const SCAN_COUNT = '1000'

export function redisSettlements(backend: Backend, keys: Keys): SettlementStore {
  return {
    settle: async (account, terms) => {
      checkAccount(account)
      checkTerms(terms)
      const { threshold, settleTo } = terms
      const its = [keys.balances, keys.settled, keys.outbox, keys.waiting]
      const args = [account.id, assetName(account.asset), randomUUID(), String(threshold), String(settleTo)]
      const entry = (await backend.run(SETTLE, its, args)) as [key: string, text: string] | null
      return entry ? parse(...entry).settlement : undefined
    },
    readOutbox: () => readOutbox(backend, keys),
    acknowledge: async key => {
      await backend.run(ACKNOWLEDGE, [keys.outbox, keys.waiting], [key])
    },
    credit: async settlement => {
      checkSettlement(settlement)
      const { key, account, quantity } = settlement
      const its = [keys.balances, keys.settled, keys.leftovers, keys.credit(key)]
      const args = [
        ...[account.id, assetName(account.asset), account.asset.scale],
        ...[quantity.amount, quantity.scale, SETTLEMENT_KEY_KEPT_MS],
      ]
      const credited = (await backend.run(CREDIT, its, args.map(String))) as string | null
      return credited === null ? 'key-reused' : BigInt(credited)
    },
  }
}

/** In pages, so that nobody waits for it. What is settled or acknowledged meanwhile may be in it, or not. */
async function readOutbox(backend: Backend, keys: Keys): Promise<readonly OutgoingSettlement[]> {
  // By key: an entry may come in two pages.
  const entries = new Map<string, Entry>()
  let cursor = '0'
  do {
    const page = await backend.call('HSCAN', keys.outbox, cursor, 'COUNT', SCAN_COUNT)
    const [next, list] = page as [string, string[]]
    for (let i = 0; i < list.length; i += 2) {
      const key = list[i] as string
      entries.set(key, parse(key, list[i + 1] as string))
    }
    cursor = next
  } while (cursor !== '0')
  return [...entries.values()].sort((a, b) => a.createdAtUs - b.createdAtUs).map(entry => entry.settlement)
}

interface Entry {
  readonly settlement: OutgoingSettlement
  readonly createdAtUs: number
}

function parse(key: string, text: string): Entry {
  const [time = '', amount = '', id = '', ...asset] = text.split(' ')
  const account = { id: id as AccountId, asset: assetNamed(asset.join(' ')) }
  const createdAtUs = Number(time)
  const settlement = { key, account, amount: BigInt(amount), createdAtMs: Math.floor(createdAtUs / 1_000) }
  return { settlement, createdAtUs }
}
