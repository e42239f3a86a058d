import { randomBytes } from 'node:crypto'
import type { AccountId, Asset } from '@ilp/service-core'
import {
  type Balance,
  ENDED_SESSION_KEPT_MS,
  type LedgerAccount,
  type Operation,
  type Outcome,
  type Position,
  type SessionId,
  type SessionTerms,
  StoreError,
  type Transfer,
} from '@ilp/store-traits'

interface PositionRecord {
  readonly asset: Asset
  balance: bigint
  isPosted: boolean
}

/** An account's money. It keeps its position at hand, so that a commit looks nothing up. */
interface AccountRecord extends Balance {
  balance: bigint
  heldOut: bigint
  heldIn: bigint
  readonly position: PositionRecord
}

/** The part of an account's holds that one session owns. */
interface Held {
  out: bigint
  in: bigint
}

interface Session {
  readonly id: SessionId
  readonly terms: SessionTerms
  /** When it last gave a sign of life. */
  seenMs: number
  endedMs: number | undefined
  /** The last batch applied, and what came of it. */
  seq: number
  outcomes: readonly Outcome[]
  readonly holds: Map<AccountRecord, Held>
}

const AMOUNT_MAX = 2n ** 64n - 1n

/** The money that a backend keeps. Each method is one step: nothing else happens in between. */
export class Books {
  readonly #nowMs: () => number
  readonly #records = new Map<AccountId, AccountRecord>()
  readonly #positions = new Map<string, PositionRecord>()
  readonly #sessions = new Map<SessionId, Session>()
  /** Those of them that have ended, the oldest first. */
  readonly #ended = new Set<Session>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  openSession({ leaseMs, holdMaxMs }: SessionTerms): SessionId {
    this.#forgetEnded()
    const id = randomBytes(16).toString('base64url') as SessionId
    this.#sessions.set(id, {
      id,
      terms: { leaseMs, holdMaxMs },
      seenMs: this.#nowMs(),
      endedMs: undefined,
      seq: 0,
      outcomes: [],
      holds: new Map(),
    })
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
    return expired.map(({ id }) => id)
  }

  apply(id: SessionId, seq: number, operations: readonly Operation[]): readonly Outcome[] {
    const session = this.#session(id)
    if (!Number.isSafeInteger(seq) || seq < 1) throw new RangeError(`${seq} is no number of a batch`)
    if (seq < session.seq) throw new StoreError('ERR_SEQ_PASSED', `batch ${seq} lies behind ${session.seq}`)
    if (seq > session.seq + 1) throw new StoreError('ERR_SEQ_GAP', `batch ${seq} follows ${session.seq}`)
    // From here to the first write nothing may be left that throws.
    for (const operation of operations) check(operation)
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
    return outcomes
  }

  readBalance(id: AccountId): Balance {
    const { balance, heldOut, heldIn } = this.#records.get(id) ?? { balance: 0n, heldOut: 0n, heldIn: 0n }
    return { balance, heldOut, heldIn }
  }

  readPositions(): Position[] {
    return [...this.#positions.values()]
      .filter(({ isPosted }) => isPosted)
      .map(({ asset, balance }) => ({ asset, balance }))
      .sort((a, b) => compare(a.asset.code, b.asset.code) || a.asset.scale - b.asset.scale)
  }

  #reserve(session: Session, { from, incomingAmount, to, amount }: Transfer): Outcome {
    const source = this.#record(from)
    const target = this.#record(to)
    if (from.minBalance !== undefined && source.balance - source.heldOut - incomingAmount < from.minBalance) {
      return 'below-minimum'
    }
    if (to.maxBalance !== undefined && target.balance + target.heldIn + amount > to.maxBalance) {
      return 'above-maximum'
    }
    source.heldOut += incomingAmount
    held(session, source).out += incomingAmount
    target.heldIn += amount
    held(session, target).in += amount
    return 'done'
  }

  #commit(session: Session, transfer: Transfer): Outcome {
    const outcome = this.#takeHold(session, transfer) ? 'done' : 'late'
    const { from, incomingAmount, to, amount } = transfer
    const source = this.#record(from)
    const target = this.#record(to)
    source.balance -= incomingAmount
    source.position.balance += incomingAmount
    source.position.isPosted = true
    target.balance += amount
    target.position.balance -= amount
    target.position.isPosted = true
    return outcome
  }

  #release(session: Session, transfer: Transfer): Outcome {
    return this.#takeHold(session, transfer) ? 'done' : 'no-hold'
  }

  /** Takes a transfer's amounts out of the holds, unless the session holds less than that: then it does nothing. */
  #takeHold(session: Session, { from, incomingAmount, to, amount }: Transfer): boolean {
    if (session.endedMs !== undefined) return false
    const source = this.#record(from)
    const target = this.#record(to)
    const sourceHeld = held(session, source)
    const targetHeld = held(session, target)
    if (sourceHeld.out < incomingAmount || targetHeld.in < amount) return false
    source.heldOut -= incomingAmount
    sourceHeld.out -= incomingAmount
    target.heldIn -= amount
    targetHeld.in -= amount
    return true
  }

  #record({ id, asset }: LedgerAccount): AccountRecord {
    const known = this.#records.get(id)
    if (known) return known
    const record: AccountRecord = { balance: 0n, heldOut: 0n, heldIn: 0n, position: this.#position(asset) }
    this.#records.set(id, record)
    return record
  }

  #position({ code, scale }: Asset): PositionRecord {
    const key = `${scale} ${code}`
    const position = this.#positions.get(key) ?? {
      asset: Object.freeze({ code, scale }),
      balance: 0n,
      isPosted: false,
    }
    this.#positions.set(key, position)
    return position
  }

  #session(id: SessionId): Session {
    const session = this.#sessions.get(id)
    if (!session) throw new StoreError('ERR_SESSION_UNKNOWN', 'no such session')
    return session
  }

  /** Begins the lease anew; false when it is over, which is for good. */
  #renew(session: Session): boolean {
    const now = this.#nowMs()
    if (session.endedMs !== undefined || now - session.seenMs >= session.terms.leaseMs) return false
    session.seenMs = now
    return true
  }

  #end(session: Session): void {
    for (const [record, { out, in: into }] of session.holds) {
      record.heldOut -= out
      record.heldIn -= into
    }
    session.holds.clear()
    session.endedMs = this.#nowMs()
    this.#ended.add(session)
  }

  #forgetEnded(): void {
    const now = this.#nowMs()
    for (const session of this.#ended) {
      if (now - (session.endedMs ?? now) < ENDED_SESSION_KEPT_MS) return
      this.#ended.delete(session)
      this.#sessions.delete(session.id)
    }
  }
}

function held(session: Session, record: AccountRecord): Held {
  const known = session.holds.get(record)
  if (known) return known
  const none = { out: 0n, in: 0n }
  session.holds.set(record, none)
  return none
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

function check({ kind, transfer: { from, incomingAmount, to, amount } }: Operation): void {
  if (kind !== 'reserve' && kind !== 'commit' && kind !== 'release') {
    throw new TypeError(`${kind} is no kind of operation`)
  }
  checkAmount(incomingAmount)
  checkAmount(amount)
  checkAccount(from)
  checkAccount(to)
}

function checkAmount(amount: bigint): void {
  if (typeof amount !== 'bigint') throw new TypeError('an amount is a bigint')
  if (amount < 0n || amount > AMOUNT_MAX) throw new RangeError(`${amount} is no amount`)
}

function checkAccount({ id, asset }: LedgerAccount): void {
  if (typeof id !== 'string' || typeof asset.code !== 'string' || typeof asset.scale !== 'number') {
    throw new TypeError('an account has an id and an asset')
  }
}
