import { randomUUID } from 'node:crypto'
import type { AccountId, Asset } from '@ilp/service-core'
import type { LedgerAccount } from '../ledger/ledger-store.js'
import { type Quantity, quantityIn } from '../settlements/quantity.js'
import {
  type IncomingSettlement,
  type OutgoingSettlement,
  SETTLEMENT_KEY_KEPT_MS,
  type SettlementTerms,
} from '../settlements/settlement-store.js'
import type { AccountsBook, BookDeps } from './accounts-book.js'
import { checkAccount, checkSettlement, checkTerms } from './checks.js'
import {
  KeyRecord,
  LeftoverRecord,
  type SavedKey,
  type SavedLeftover,
  type SavedSettlement,
  SettlementRecord,
} from './records.js'

const NOTHING: Quantity = { amount: 0n, scale: 0 }

/** How many keys one step forgets: more than it adds, and so few that nobody waits for it. */
const FORGOTTEN_AT_ONCE_MAX = 100

/** The outbox, and what came in: `SettlementStore`, each of its methods a step. */
export class SettlementsBook {
  readonly #accounts: AccountsBook
  readonly #mark: BookDeps['mark']
  readonly #nowMs: () => number
  /** By account, the oldest first. */
  readonly #outbox = new Map<AccountId, SettlementRecord>()
  readonly #outboxByKey = new Map<string, SettlementRecord>()
  #lastNumber = 0
  /** The one that wasn't used for longest first. */
  readonly #keys = new Map<string, KeyRecord>()
  readonly #leftovers = new Map<AccountId, LeftoverRecord>()

  constructor(accounts: AccountsBook, { mark, nowMs }: BookDeps) {
    this.#accounts = accounts
    this.#mark = mark
    this.#nowMs = nowMs
  }

  /** In the order of their numbers. */
  loadSettlement({ account, number, key, amount, createdAtMs }: SavedSettlement): void {
    const record = this.#accounts.find(account)
    if (!record) throw new Error('a settlement has no account')
    this.#lastNumber = number
    this.#send(new SettlementRecord(number, outgoing(key, account, record.asset, amount, createdAtMs)))
  }

  /** In the order of their use. */
  loadKey({ key, account, quantity, credited, usedMs }: SavedKey): void {
    this.#keys.set(key, new KeyRecord(key, account, quantity, credited, usedMs))
  }

  loadLeftover({ account, quantity }: SavedLeftover): void {
    this.#leftovers.set(account, new LeftoverRecord(account, quantity))
  }

  settle(account: LedgerAccount, terms: SettlementTerms): OutgoingSettlement | undefined {
    checkAccount(account)
    checkTerms(terms)
    const waiting = this.#outbox.get(account.id)
    if (waiting) return waiting.settlement
    const { balance, heldOut } = this.#accounts.read(account.id)
    const amount = balance - heldOut - terms.settleTo
    if (balance < terms.threshold || amount <= 0n) return undefined
    const record = this.#accounts.of(account)
    this.#accounts.post(record, -amount, 'settled')
    this.#lastNumber += 1
    const settlement = outgoing(randomUUID(), account.id, record.asset, amount, this.#nowMs())
    const sent = new SettlementRecord(this.#lastNumber, settlement)
    this.#send(sent)
    this.#mark?.(sent)
    return settlement
  }

  readOutbox(): readonly OutgoingSettlement[] {
    return Array.from(this.#outbox.values(), ({ settlement }) => settlement)
  }

  acknowledge(key: string): void {
    const sent = this.#outboxByKey.get(key)
    if (!sent) return
    this.#outboxByKey.delete(key)
    this.#outbox.delete(sent.account)
    sent.isGone = true
    this.#mark?.(sent)
  }

  credit(settlement: IncomingSettlement): bigint | 'key-reused' {
    checkSettlement(settlement)
    this.#forgetKeys()
    const known = this.#keys.get(settlement.key)
    if (!known) return this.#receive(settlement)
    known.usedMs = this.#nowMs()
    this.#use(known)
    return isSame(known, settlement) ? known.credited : 'key-reused'
  }

  #receive({ key, account, quantity: { amount, scale } }: IncomingSettlement): bigint {
    const quantity = Object.freeze({ amount, scale })
    const record = this.#accounts.of(account)
    const before = this.#leftovers.get(account.id)?.quantity ?? NOTHING
    const { amount: credited, leftover } = quantityIn(record.asset.scale, quantity, before)
    this.#accounts.post(record, credited, 'settled')
    this.#leave(account.id, leftover)
    this.#use(new KeyRecord(key, account.id, quantity, credited, this.#nowMs()))
    return credited
  }

  #leave(account: AccountId, quantity: Quantity): void {
    const known = this.#leftovers.get(account)
    if (!known && quantity.amount === 0n) return
    const record = known ?? new LeftoverRecord(account, quantity)
    record.quantity = quantity
    record.isGone = quantity.amount === 0n
    this.#leftovers.set(account, record)
    this.#mark?.(record)
  }

  #send(sent: SettlementRecord): void {
    this.#outbox.set(sent.account, sent)
    this.#outboxByKey.set(sent.key, sent)
  }

  /** Puts a key behind all others. */
  #use(record: KeyRecord): void {
    this.#keys.delete(record.key)
    this.#keys.set(record.key, record)
    this.#mark?.(record)
  }

  #forgetKeys(): void {
    const now = this.#nowMs()
    let left = FORGOTTEN_AT_ONCE_MAX
    for (const record of this.#keys.values()) {
      if (now - record.usedMs <= SETTLEMENT_KEY_KEPT_MS || left === 0) return
      left -= 1
      this.#keys.delete(record.key)
      record.isGone = true
      this.#mark?.(record)
    }
  }
}

const outgoing = (
  key: string,
  id: AccountId,
  asset: Asset,
  amount: bigint,
  createdAtMs: number,
): OutgoingSettlement => Object.freeze({ key, account: Object.freeze({ id, asset }), amount, createdAtMs })

const isSame = (known: KeyRecord, { account, quantity }: IncomingSettlement): boolean =>
  known.account === account.id &&
  known.quantity.amount === quantity.amount &&
  known.quantity.scale === quantity.scale
