import { randomUUID } from 'node:crypto'
import type { AccountId } from '@ilp/service-core'
import {
  ADJUSTMENTS_READ_MAX,
  type Adjustment,
  type AdjustmentStore,
  type IncomingSettlement,
  type LedgerAccount,
  type OutgoingSettlement,
  type PostedAdjustment,
  type Quantity,
  quantityIn,
  SETTLEMENT_KEY_KEPT_MS,
  type SettlementStore,
  type SettlementTerms,
} from '@ilp/store-traits'
import type { PlainLedger } from './plain-ledger.js'

export interface Known {
  readonly said: IncomingSettlement
  readonly credited: bigint
  usedMs: number
}

/** The plainest correct settlements. Each of their steps is a method that a broken one replaces. */
export class PlainSettlements implements SettlementStore {
  outgoing: OutgoingSettlement[] = []
  readonly known = new Map<string, Known>()
  readonly leftovers = new Map<AccountId, Quantity>()

  constructor(readonly ledger: PlainLedger) {}

  async settle(account: LedgerAccount, terms: SettlementTerms): Promise<OutgoingSettlement | undefined> {
    const waiting = this.waiting(account.id)
    if (waiting) return waiting
    const amount = this.due(account, terms)
    return amount > 0n ? this.send(account, amount) : undefined
  }

  waiting(id: AccountId): OutgoingSettlement | undefined {
    return this.outgoing.find(({ account }) => account.id === id)
  }

  /** What is to be settled; nothing where the threshold isn't reached. */
  due({ id }: LedgerAccount, { threshold, settleTo }: SettlementTerms): bigint {
    const { balance, heldOut } = this.ledger.of(id)
    return balance >= threshold ? balance - heldOut - settleTo : 0n
  }

  send(account: LedgerAccount, amount: bigint): OutgoingSettlement {
    const { id, asset } = account
    const createdAtMs = this.ledger.clock.ms
    const settlement = { key: this.newKey(), account: { id, asset }, amount, createdAtMs }
    this.post(account, -amount)
    this.outgoing.push(settlement)
    return settlement
  }

  newKey(): string {
    return randomUUID()
  }

  async readOutbox(): Promise<readonly OutgoingSettlement[]> {
    return [...this.outgoing]
  }

  async acknowledge(key: string): Promise<void> {
    this.outgoing = this.outgoing.filter(settlement => settlement.key !== key)
  }

  async credit(settlement: IncomingSettlement): Promise<bigint | 'key-reused'> {
    this.forget()
    const known = this.known.get(settlement.key)
    if (!known) return this.receive(settlement)
    known.usedMs = this.ledger.clock.ms
    return this.isSame(known.said, settlement) ? known.credited : 'key-reused'
  }

  isSame(a: IncomingSettlement, b: IncomingSettlement): boolean {
    return (
      a.account.id === b.account.id &&
      a.quantity.amount === b.quantity.amount &&
      a.quantity.scale === b.quantity.scale
    )
  }

  receive(said: IncomingSettlement): bigint {
    const { key, account, quantity } = said
    const none = { amount: 0n, scale: 0 }
    const leftBefore = this.leftovers.get(account.id) ?? none
    const { amount, leftover } = quantityIn(account.asset.scale, quantity, leftBefore)
    this.post(account, amount)
    this.leftovers.set(account.id, leftover)
    this.known.set(key, { said, credited: amount, usedMs: this.ledger.clock.ms })
    return amount
  }

  post(account: LedgerAccount, amount: bigint): void {
    this.ledger.of(account.id).balance += amount
    this.ledger.post(account, -amount, 'settled')
  }

  forget(): void {
    for (const [key, { usedMs }] of this.known) {
      if (this.ledger.clock.ms - usedMs > this.keptMs()) this.known.delete(key)
    }
  }

  keptMs(): number {
    return SETTLEMENT_KEY_KEPT_MS
  }
}

/** The plainest correct adjustments. */
export class PlainAdjustments implements AdjustmentStore {
  readonly posted: PostedAdjustment[] = []

  constructor(readonly ledger: PlainLedger) {}

  async adjust(adjustment: Adjustment): Promise<'posted' | 'key-reused'> {
    const known = this.posted.find(({ key }) => key === adjustment.key)
    if (known) return this.isSame(known, adjustment) ? 'posted' : 'key-reused'
    this.post(adjustment)
    return 'posted'
  }

  isSame(known: PostedAdjustment, { account, amount, reason }: Adjustment): boolean {
    return known.account === account.id && known.amount === amount && known.reason === reason
  }

  post({ account, ...adjustment }: Adjustment): void {
    this.ledger.of(account.id).balance += adjustment.amount
    this.ledger.post(account, -adjustment.amount, 'adjusted')
    this.posted.push({ ...adjustment, account: account.id, postedAtMs: this.ledger.clock.ms })
  }

  async read(id: AccountId): Promise<readonly PostedAdjustment[]> {
    const own = this.posted.filter(({ account }) => account === id)
    return own.reverse().slice(0, ADJUSTMENTS_READ_MAX)
  }
}
