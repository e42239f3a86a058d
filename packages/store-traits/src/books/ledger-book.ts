import { randomBytes } from 'node:crypto'
import type { AccountId } from '@ilp/service-core'
import { StoreError } from '../error.js'
import {
  type Balance,
  ENDED_SESSION_KEPT_MS,
  type Operation,
  type Outcome,
  type Position,
  type SessionId,
  type SessionTerms,
  type Transfer,
} from '../ledger/ledger-store.js'
import type { AccountsBook, BookDeps } from './accounts-book.js'
import { checkOperation } from './checks.js'
import { type BalanceRecord, type SavedHold, type SavedSession, SessionRecord } from './records.js'

/** Sessions, holds, and what packets post: `LedgerStore`, each of its methods a step. */
export class LedgerBook {
  readonly #accounts: AccountsBook
  readonly #mark: BookDeps['mark']
  readonly #nowMs: () => number
  readonly #sessions = new Map<SessionId, SessionRecord>()

  constructor(accounts: AccountsBook, { mark, nowMs }: BookDeps) {
    this.#accounts = accounts
    this.#mark = mark
    this.#nowMs = nowMs
  }

  loadSession({ session, terms, seenMs, endedMs, seq, outcomes }: SavedSession): void {
    const record = new SessionRecord(session, terms, seenMs)
    this.#sessions.set(session, Object.assign(record, { endedMs, seq, outcomes }))
  }

  loadHold({ session: id, account, out, into }: SavedHold): void {
    const [session, record] = [this.#sessions.get(id), this.#accounts.find(account)]
    if (!session || !record) throw new Error('a hold has no session or no account')
    Object.assign(session.holdOf(record), { out, into })
    record.heldOut += out
    record.heldIn += into
  }

  openSession({ leaseMs, holdMaxMs }: SessionTerms): SessionId {
    this.#forgetEnded()
    const id = randomBytes(16).toString('base64url') as SessionId
    const terms = { leaseMs: Math.ceil(leaseMs), holdMaxMs: Math.ceil(holdMaxMs) }
    const session = new SessionRecord(id, terms, this.#nowMs())
    this.#sessions.set(id, session)
    this.#mark?.(session)
    return id
  }

  renewSession(id: SessionId): 'live' | 'ended' {
    return this.#renew(this.#session(id)) ? 'live' : 'ended'
  }

  endSession(id: SessionId): void {
    const session = this.#sessions.get(id)
    if (session && session.endedMs === undefined) this.#end(session)
  }

  endExpiredSessions(): SessionId[] {
    this.#forgetEnded()
    const now = this.#nowMs()
    const expired = [...this.#sessions.values()].filter(
      ({ endedMs, seenMs, terms }) =>
        endedMs === undefined && now - seenMs >= terms.leaseMs + terms.holdMaxMs,
    )
    for (const session of expired) this.#end(session)
    return expired.map(({ session }) => session)
  }

  apply(id: SessionId, seq: number, operations: readonly Operation[]): readonly Outcome[] {
    const session = this.#session(id)
    if (!Number.isSafeInteger(seq) || seq < 1) throw new RangeError(`${seq} is no number of a batch`)
    if (seq < session.seq) throw new StoreError('ERR_SEQ_PASSED', `batch ${seq} lies behind ${session.seq}`)
    if (seq > session.seq + 1) throw new StoreError('ERR_SEQ_GAP', `batch ${seq} follows ${session.seq}`)
    // From here to the first change nothing may be left that throws.
    for (const operation of operations) checkOperation(operation)
    const isLive = this.#renew(session)
    if (seq === session.seq) return session.outcomes
    const outcomes: Outcome[] = []
    for (const { kind, transfer } of operations) {
      if (kind === 'commit') outcomes.push(this.#commit(session, transfer))
      else if (kind === 'release') outcomes.push(this.#release(session, transfer))
      else outcomes.push(isLive ? this.#reserve(session, transfer) : 'session-ended')
    }
    session.seq = seq
    session.outcomes = outcomes
    this.#mark?.(session)
    return outcomes
  }

  readBalance(id: AccountId): Balance {
    return this.#accounts.read(id)
  }

  readPositions(): Position[] {
    return this.#accounts.readPositions()
  }

  #reserve(session: SessionRecord, { from, incomingAmount, to, amount }: Transfer): Outcome {
    const source = this.#accounts.of(from)
    const target = this.#accounts.of(to)
    if (from.minBalance !== undefined && source.balance - source.heldOut - incomingAmount < from.minBalance) {
      return 'below-minimum'
    }
    if (to.maxBalance !== undefined && target.balance + target.heldIn + amount > to.maxBalance) {
      return 'above-maximum'
    }
    const sourceHold = session.holdOf(source)
    const targetHold = session.holdOf(target)
    source.heldOut += incomingAmount
    sourceHold.out += incomingAmount
    target.heldIn += amount
    targetHold.into += amount
    const mark = this.#mark
    if (mark) {
      mark(sourceHold)
      mark(targetHold)
    }
    return 'done'
  }

  #commit(session: SessionRecord, { from, incomingAmount, to, amount }: Transfer): Outcome {
    const source = this.#accounts.of(from)
    const target = this.#accounts.of(to)
    const outcome = this.#takeHold(session, source, incomingAmount, target, amount) ? 'done' : 'late'
    source.balance -= incomingAmount
    source.position.balance += incomingAmount
    source.position.isPosted = true
    target.balance += amount
    target.position.balance -= amount
    target.position.isPosted = true
    const mark = this.#mark
    if (mark) {
      mark(source)
      mark(source.position)
      mark(target)
      mark(target.position)
    }
    return outcome
  }

  #release(session: SessionRecord, { from, incomingAmount, to, amount }: Transfer): Outcome {
    const source = this.#accounts.of(from)
    const target = this.#accounts.of(to)
    return this.#takeHold(session, source, incomingAmount, target, amount) ? 'done' : 'no-hold'
  }

  /** Takes a transfer's amounts out of the holds, unless the session holds less than that: then it does nothing. */
  #takeHold(
    session: SessionRecord,
    source: BalanceRecord,
    incomingAmount: bigint,
    target: BalanceRecord,
    amount: bigint,
  ): boolean {
    if (session.endedMs !== undefined) return false
    const sourceHold = session.holdOf(source)
    const targetHold = session.holdOf(target)
    if (sourceHold.out < incomingAmount || targetHold.into < amount) return false
    source.heldOut -= incomingAmount
    sourceHold.out -= incomingAmount
    target.heldIn -= amount
    targetHold.into -= amount
    const mark = this.#mark
    if (mark) {
      mark(sourceHold)
      mark(targetHold)
    }
    return true
  }

  #session(id: SessionId): SessionRecord {
    const session = this.#sessions.get(id)
    if (!session) throw new StoreError('ERR_SESSION_UNKNOWN', 'no such session')
    return session
  }

  /** Begins the lease anew; false when it is over, which is for good. */
  #renew(session: SessionRecord): boolean {
    const now = this.#nowMs()
    if (session.endedMs !== undefined || now - session.seenMs >= session.terms.leaseMs) return false
    session.seenMs = now
    this.#mark?.(session)
    return true
  }

  #end(session: SessionRecord): void {
    for (const [record, hold] of session.holds) {
      record.heldOut -= hold.out
      record.heldIn -= hold.into
      hold.isGone = true
      this.#mark?.(hold)
    }
    session.holds.clear()
    session.endedMs = this.#nowMs()
    this.#mark?.(session)
  }

  #forgetEnded(): void {
    const now = this.#nowMs()
    for (const session of this.#sessions.values()) {
      if (now - (session.endedMs ?? now) < ENDED_SESSION_KEPT_MS) continue
      this.#sessions.delete(session.session)
      session.isGone = true
      this.#mark?.(session)
    }
  }
}
