import { randomUUID } from 'node:crypto'
import type { AccountId, Asset } from '@ilp/service-core'
import {
  type Balance,
  type LedgerAccount,
  type LedgerStore,
  type Operation,
  type Outcome,
  type Position,
  type SessionId,
  type SessionTerms,
  StoreError,
  type Transfer,
} from '@ilp/store-traits'

export interface Money {
  balance: bigint
  heldOut: bigint
  heldIn: bigint
}

export interface PlainPosition {
  readonly asset: Asset
  balance: bigint
  settled: bigint
  adjusted: bigint
}

export interface PlainSession {
  readonly id: SessionId
  readonly terms: SessionTerms
  seenMs: number
  hasEnded: boolean
  seq: number
  outcomes: readonly Outcome[]
  readonly held: Map<AccountId, Money>
}

/** The plainest correct ledger. Each of its steps is a method that a broken one replaces. */
export class PlainLedger implements LedgerStore {
  readonly money = new Map<AccountId, Money>()
  readonly positions = new Map<string, PlainPosition>()
  readonly sessions = new Map<SessionId, PlainSession>()

  constructor(readonly clock: { readonly ms: number }) {}

  async openSession(terms: SessionTerms): Promise<SessionId> {
    const id = this.newId()
    const held = new Map<AccountId, Money>()
    this.sessions.set(id, {
      id,
      terms,
      seenMs: this.clock.ms,
      hasEnded: false,
      seq: 0,
      outcomes: [],
      held,
    })
    return id
  }

  newId(): SessionId {
    return randomUUID() as string as SessionId
  }

  async renewSession(id: SessionId): Promise<'live' | 'ended'> {
    return this.renew(this.session(id)) ? 'live' : 'ended'
  }

  async endSession(id: SessionId): Promise<void> {
    const session = this.sessions.get(id)
    if (session && !session.hasEnded) this.end(session)
  }

  async endExpiredSessions(): Promise<readonly SessionId[]> {
    const expired = [...this.sessions.values()].filter(session => this.isExpired(session))
    for (const session of expired) this.end(session)
    return expired.map(({ id }) => id)
  }

  async apply(id: SessionId, seq: number, operations: readonly Operation[]): Promise<readonly Outcome[]> {
    const session = this.session(id)
    this.renew(session)
    if (seq === session.seq) return session.outcomes
    if (seq < session.seq) throw new StoreError('ERR_SEQ_PASSED', 'passed')
    if (seq > session.seq + 1) throw new StoreError('ERR_SEQ_GAP', 'gap')
    session.outcomes = this.applyAll(session, operations)
    session.seq = seq
    return session.outcomes
  }

  async readBalance(id: AccountId): Promise<Balance> {
    return { ...this.of(id) }
  }

  async readPositions(): Promise<readonly Position[]> {
    const read = [...this.positions.values()].map(position => ({ ...position }))
    return read.sort(
      ({ asset: a }, { asset: b }) =>
        a.scale - b.scale + (a.code < b.code ? -1_000 : 0) + (a.code > b.code ? 1_000 : 0),
    )
  }

  applyAll(session: PlainSession, operations: readonly Operation[]): Outcome[] {
    return operations.map(operation => {
      const outcome = this.judge(session, operation)
      this.write(session, operation, outcome)
      return outcome
    })
  }

  /** What an operation comes to. Changes nothing. */
  judge(session: PlainSession, { kind, transfer }: Operation): Outcome {
    if (kind === 'commit') return this.isHeld(session, transfer) ? 'done' : 'late'
    if (kind === 'release') return this.isHeld(session, transfer) ? 'done' : 'no-hold'
    if (!this.isLive(session)) return 'session-ended'
    if (this.isBelow(this.of(transfer.from.id), transfer)) return 'below-minimum'
    return this.isAbove(this.of(transfer.to.id), transfer) ? 'above-maximum' : 'done'
  }

  write(session: PlainSession, { kind, transfer }: Operation, outcome: Outcome): void {
    if (outcome === 'done') this.hold(session, transfer, kind === 'reserve' ? 1n : -1n)
    if (kind !== 'commit') return
    const { from, incomingAmount, to, amount } = transfer
    this.of(from.id).balance -= incomingAmount
    this.of(to.id).balance += amount
    this.post(from, incomingAmount)
    this.post(to, -amount)
  }

  isBelow({ balance, heldOut }: Money, { from, incomingAmount }: Transfer): boolean {
    return from.minBalance !== undefined && balance - heldOut - incomingAmount < from.minBalance
  }

  isAbove({ balance, heldIn }: Money, { to, amount }: Transfer): boolean {
    return to.maxBalance !== undefined && balance + heldIn + amount > to.maxBalance
  }

  isHeld({ hasEnded, held }: PlainSession, { from, incomingAmount, to, amount }: Transfer): boolean {
    const [out, into] = [held.get(from.id)?.heldOut ?? 0n, held.get(to.id)?.heldIn ?? 0n]
    return !hasEnded && out >= incomingAmount && into >= amount
  }

  hold({ held }: PlainSession, { from, incomingAmount, to, amount }: Transfer, sign: bigint): void {
    this.of(from.id).heldOut += sign * incomingAmount
    this.of(to.id).heldIn += sign * amount
    this.of(from.id, held).heldOut += sign * incomingAmount
    this.of(to.id, held).heldIn += sign * amount
  }

  post(
    { asset }: LedgerAccount,
    amount: bigint,
    to: Exclude<keyof PlainPosition, 'asset'> = 'balance',
  ): void {
    const key = JSON.stringify([asset.code, asset.scale])
    const position = this.positions.get(key) ?? { asset, balance: 0n, settled: 0n, adjusted: 0n }
    position[to] += amount
    this.positions.set(key, position)
  }

  end(session: PlainSession): void {
    session.hasEnded = true
    this.giveBack(session)
  }

  giveBack({ held }: PlainSession): void {
    for (const [id, { heldOut, heldIn }] of held) {
      this.of(id).heldOut -= heldOut
      this.of(id).heldIn -= heldIn
    }
  }

  renew(session: PlainSession): boolean {
    if (!this.isLive(session)) return false
    session.seenMs = this.clock.ms
    return true
  }

  isLive({ hasEnded, seenMs, terms }: PlainSession): boolean {
    return !hasEnded && this.clock.ms - seenMs < terms.leaseMs
  }

  isExpired({ hasEnded, seenMs, terms }: PlainSession): boolean {
    return !hasEnded && this.clock.ms - seenMs >= terms.leaseMs + terms.holdMaxMs
  }

  session(id: SessionId): PlainSession {
    const session = this.sessions.get(id)
    if (!session) throw new StoreError('ERR_SESSION_UNKNOWN', 'unknown')
    return session
  }

  of(id: AccountId, money = this.money): Money {
    const known = money.get(id) ?? { balance: 0n, heldOut: 0n, heldIn: 0n }
    money.set(id, known)
    return known
  }
}
