import type { AccountId, Asset } from '@ilp/service-core'
import type { Balance, LedgerAccount, Position } from '../ledger/ledger-store.js'
import {
  BalanceRecord,
  type BooksRecord,
  PositionRecord,
  type SavedBalance,
  type SavedPosition,
} from './records.js'

/** What the parts of the books have in common. */
export interface BookDeps {
  /** Hears of every record that a step has changed, before the step is over. */
  readonly mark: ((record: BooksRecord) => void) | undefined
  /** In whole milliseconds. */
  readonly nowMs: () => number
}

/** All balances, and the positions that are their counterparts. */
export class AccountsBook {
  readonly #mark: BookDeps['mark']
  readonly #records = new Map<AccountId, BalanceRecord>()
  readonly #positions = new Map<string, PositionRecord>()

  constructor({ mark }: BookDeps) {
    this.#mark = mark
  }

  loadPosition({ asset, balance, settled, adjusted }: SavedPosition): void {
    Object.assign(this.#position(asset), { balance, settled, adjusted, isPosted: true })
  }

  loadBalance({ account, asset, balance }: SavedBalance): void {
    this.#add(account, asset).balance = balance
  }

  /** The record of an account that may have none. */
  find(id: AccountId): BalanceRecord | undefined {
    return this.#records.get(id)
  }

  /** The record of an account, made when there is none. */
  of({ id, asset }: LedgerAccount): BalanceRecord {
    const known = this.#records.get(id)
    if (known) return known
    const record = this.#add(id, asset)
    this.#mark?.(record)
    return record
  }

  read(id: AccountId): Balance {
    const { balance, heldOut, heldIn } = this.#records.get(id) ?? { balance: 0n, heldOut: 0n, heldIn: 0n }
    return { balance, heldOut, heldIn }
  }

  readPositions(): Position[] {
    return [...this.#positions.values()]
      .filter(({ isPosted }) => isPosted)
      .map(({ asset, balance, settled, adjusted }) => ({ asset, balance, settled, adjusted }))
      .sort((a, b) => compare(a.asset.code, b.asset.code) || a.asset.scale - b.asset.scale)
  }

  /** Adds to a balance, and takes the same from the counterpart in its position. */
  post(record: BalanceRecord, amount: bigint, counterpart: 'settled' | 'adjusted'): void {
    const { position } = record
    record.balance += amount
    position[counterpart] -= amount
    position.isPosted = true
    this.#mark?.(record)
    this.#mark?.(position)
  }

  #add(id: AccountId, asset: Asset): BalanceRecord {
    const record = new BalanceRecord(id, this.#position(asset))
    this.#records.set(id, record)
    return record
  }

  #position(asset: Asset): PositionRecord {
    const key = `${asset.scale} ${asset.code}`
    const position = this.#positions.get(key) ?? new PositionRecord(asset)
    this.#positions.set(key, position)
    return position
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
