import type { AccountId } from '@ilp/service-core'
import {
  type Balance,
  type LedgerStore,
  type Operation,
  type Outcome,
  type Position,
  type SessionId,
  StoreError,
  type Transfer,
} from '@ilp/store-traits'

interface Money {
  balance: bigint
  heldOut: bigint
  heldIn: bigint
}

/** A ledger in two maps, for one session that never ends. Can be taken out of reach, and be made to wait. */
export class PlainLedgerStore implements LedgerStore {
  /** All operations, in the order in which they were applied. */
  readonly applied: Operation['kind'][] = []
  /** Calls of `apply`. */
  asked = 0
  isDown = false
  /** What `apply` waits for before it does anything. */
  gate: Promise<void> = Promise.resolve()
  readonly #accounts = new Map<AccountId, Money>()
  readonly #positions = new Map<string, Position>()
  #last: { seq: number; outcomes: readonly Outcome[] } = { seq: 0, outcomes: [] }

  async openSession(): Promise<SessionId> {
    return 'session' as SessionId
  }

  async renewSession(): Promise<'live'> {
    this.#expectUp()
    return 'live'
  }

  async endSession(): Promise<void> {}

  async endExpiredSessions(): Promise<readonly SessionId[]> {
    return []
  }

  async apply(
    _session: SessionId,
    seq: number,
    operations: readonly Operation[],
  ): Promise<readonly Outcome[]> {
    this.asked += 1
    await this.gate
    this.#expectUp()
    if (seq === this.#last.seq) return this.#last.outcomes
    if (seq !== this.#last.seq + 1) throw new StoreError('ERR_SEQ_GAP', `${seq} after ${this.#last.seq}`)
    const outcomes = operations.map(operation => this.#step(operation))
    this.#last = { seq, outcomes }
    return outcomes
  }

  async readBalance(account: AccountId): Promise<Balance> {
    return { ...this.#money(account) }
  }

  async readPositions(): Promise<readonly Position[]> {
    return [...this.#positions.values()]
  }

  #expectUp(): void {
    if (this.isDown) throw new StoreError('ERR_STORE_UNAVAILABLE', 'out of reach')
  }

  #money(account: AccountId): Money {
    const known = this.#accounts.get(account) ?? { balance: 0n, heldOut: 0n, heldIn: 0n }
    this.#accounts.set(account, known)
    return known
  }

  #step({ kind, transfer }: Operation): Outcome {
    this.applied.push(kind)
    const from = this.#money(transfer.from.id)
    const to = this.#money(transfer.to.id)
    const { incomingAmount, amount } = transfer
    if (kind === 'reserve') {
      const { minBalance } = transfer.from
      const { maxBalance } = transfer.to
      if (minBalance !== undefined && from.balance - from.heldOut - incomingAmount < minBalance) {
        return 'below-minimum'
      }
      if (maxBalance !== undefined && to.balance + to.heldIn + amount > maxBalance) return 'above-maximum'
      from.heldOut += incomingAmount
      to.heldIn += amount
      return 'done'
    }
    from.heldOut -= incomingAmount
    to.heldIn -= amount
    if (kind === 'commit') this.#post(transfer, from, to)
    return 'done'
  }

  #post({ from, incomingAmount, to, amount }: Transfer, debited: Money, credited: Money): void {
    debited.balance -= incomingAmount
    credited.balance += amount
    for (const [{ asset }, counterpart] of [
      [from, incomingAmount],
      [to, -amount],
    ] as const) {
      const key = JSON.stringify([asset.code, asset.scale])
      const balance = (this.#positions.get(key)?.balance ?? 0n) + counterpart
      this.#positions.set(key, { asset, balance, settled: 0n, adjusted: 0n })
    }
  }
}
