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
import type { Disk, Row } from './disk.js'
import { KIND, NAME_MAX } from './keys.js'
import { BalanceRecord, HoldRecord, PositionRecord, SessionRecord } from './records.js'

export interface BooksDeps {
  /** Has a row written. All that one method marks belongs into one transaction. */
  readonly mark: (row: Row) => void
  readonly nowMs: () => number
}

const AMOUNT_MAX = 2n ** 64n - 1n

/** The money. Each method is one step in memory, which the disk follows. */
export class Books {
  readonly #mark: (row: Row) => void
  readonly #nowMs: () => number
  readonly #balances = new Map<AccountId, BalanceRecord>()
  readonly #positions = new Map<string, PositionRecord>()
  readonly #sessions = new Map<SessionId, SessionRecord>()

  constructor({ mark, nowMs }: BooksDeps) {
    this.#mark = mark
    this.#nowMs = () => Math.floor(nowMs())
  }

  load(disk: Disk): void {
    for (const [name, value] of disk.read(KIND.position)) {
      this.#positions.set(name, PositionRecord.read(name, value))
    }
    const positionOf = (name: string) => this.#positions.get(name) ?? this.#addPosition(name)
    for (const [name, value] of disk.read(KIND.balance)) {
      this.#balances.set(name as AccountId, BalanceRecord.read(name, value, positionOf))
    }
    for (const [name, value] of disk.read(KIND.session)) {
      this.#sessions.set(name as SessionId, SessionRecord.read(name, value))
    }
    for (const [name, value] of disk.read(KIND.hold)) {
      const session = this.#sessions.get(HoldRecord.sessionOf(name))
      const record = this.#balances.get(HoldRecord.accountOf(name))
      if (!session || !record) throw new Error('a hold has no session or no account')
      const hold = holdOf(session, record)
      hold.fill(value)
      record.heldOut += hold.out
      record.heldIn += hold.into
    }
  }

  openSession({ leaseMs, holdMaxMs }: SessionTerms): SessionId {
    this.#forgetEnded()
    const id = randomBytes(16).toString('base64url') as SessionId
    const terms = { leaseMs: Math.ceil(leaseMs), holdMaxMs: Math.ceil(holdMaxMs) }
    const session = new SessionRecord(id, terms, this.#nowMs())
    this.#sessions.set(id, session)
    this.#mark(session)
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
    // From here to the first change nothing may be left that throws.
    for (const operation of operations) check(operation)
    const isLive = this.#renew(session)
    if (seq === session.seq) return session.outcomes
    const outcomes: Outcome[] = []
    for (const { kind, transfer } of operations) {
      if (kind === 'commit') outcomes.push(this.#commit(session, transfer))
      else if (kind === 'release') outcomes.push(this.#takeHold(session, transfer) ? 'done' : 'no-hold')
      else outcomes.push(isLive ? this.#reserve(session, transfer) : 'session-ended')
    }
    session.seq = seq
    session.outcomes = outcomes
    this.#mark(session)
    return outcomes
  }

  readBalance(id: AccountId): Balance {
    const { balance, heldOut, heldIn } = this.#balances.get(id) ?? { balance: 0n, heldOut: 0n, heldIn: 0n }
    return { balance, heldOut, heldIn }
  }

  readPositions(): Position[] {
    return [...this.#positions.values()]
      .filter(({ isPosted }) => isPosted)
      .map(({ asset, balance }) => ({ asset, balance }))
      .sort((a, b) => compare(a.asset.code, b.asset.code) || a.asset.scale - b.asset.scale)
  }

  #reserve(session: SessionRecord, { from, incomingAmount, to, amount }: Transfer): Outcome {
    const source = this.#record(from)
    const target = this.#record(to)
    if (from.minBalance !== undefined && source.balance - source.heldOut - incomingAmount < from.minBalance) {
      return 'below-minimum'
    }
    if (to.maxBalance !== undefined && target.balance + target.heldIn + amount > to.maxBalance) {
      return 'above-maximum'
    }
    this.#hold(session, source, incomingAmount, 0n)
    this.#hold(session, target, 0n, amount)
    return 'done'
  }

  #commit(session: SessionRecord, transfer: Transfer): Outcome {
    const outcome = this.#takeHold(session, transfer) ? 'done' : 'late'
    this.#post(this.#record(transfer.from), -transfer.incomingAmount)
    this.#post(this.#record(transfer.to), transfer.amount)
    return outcome
  }

  /** Takes a transfer's amounts out of the holds, unless the session holds less than that: then it does nothing. */
  #takeHold(session: SessionRecord, { from, incomingAmount, to, amount }: Transfer): boolean {
    if (session.endedMs !== undefined) return false
    const source = this.#record(from)
    const target = this.#record(to)
    if (holdOf(session, source).out < incomingAmount || holdOf(session, target).into < amount) return false
    this.#hold(session, source, -incomingAmount, 0n)
    this.#hold(session, target, 0n, -amount)
    return true
  }

  /** Adds to what is held out of an account, and for it. */
  #hold(session: SessionRecord, record: BalanceRecord, out: bigint, into: bigint): void {
    const hold = holdOf(session, record)
    hold.out += out
    hold.into += into
    record.heldOut += out
    record.heldIn += into
    this.#mark(hold)
  }

  /** Adds to a balance, and takes the same from its position. */
  #post(record: BalanceRecord, amount: bigint): void {
    const { position } = record
    record.balance += amount
    position.balance -= amount
    position.isPosted = true
    this.#mark(record)
    this.#mark(position)
  }

  #record({ id, asset }: LedgerAccount): BalanceRecord {
    const known = this.#balances.get(id)
    if (known) return known
    const name = PositionRecord.nameOf(asset)
    const record = new BalanceRecord(id, this.#positions.get(name) ?? this.#addPosition(name, asset))
    this.#balances.set(id, record)
    this.#mark(record)
    return record
  }

  #addPosition(name: string, asset: Asset = PositionRecord.assetOf(name)): PositionRecord {
    const position = new PositionRecord(asset)
    this.#positions.set(name, position)
    return position
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
    this.#mark(session)
    return true
  }

  #end(session: SessionRecord): void {
    for (const [record, hold] of session.holds) {
      record.heldOut -= hold.out
      record.heldIn -= hold.into
      hold.isGivenBack = true
      this.#mark(hold)
    }
    session.holds.clear()
    session.endedMs = this.#nowMs()
    this.#mark(session)
  }

  #forgetEnded(): void {
    const now = this.#nowMs()
    for (const session of this.#sessions.values()) {
      if (now - (session.endedMs ?? now) < ENDED_SESSION_KEPT_MS) continue
      this.#sessions.delete(session.id)
      session.isForgotten = true
      this.#mark(session)
    }
  }
}

function holdOf(session: SessionRecord, record: BalanceRecord): HoldRecord {
  const known = session.holds.get(record)
  if (known) return known
  const none = new HoldRecord(session.id, record)
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
  if (typeof id !== 'string' || typeof asset.code !== 'string' || !Number.isInteger(asset.scale)) {
    throw new TypeError('an account has an id and an asset')
  }
  if (id.length > NAME_MAX || asset.code.length > NAME_MAX) {
    throw new RangeError(`an account's id and its asset's code have at most ${NAME_MAX} characters`)
  }
}
