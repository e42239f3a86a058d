import { Reader, Writer } from '@ilp/oer'
import type { AccountId, Asset } from '@ilp/service-core'
import type { Balance, Outcome, SessionId, SessionTerms } from '@ilp/store-traits'
import type { Row } from './disk.js'
import { KIND, keyOf } from './keys.js'

/**
 * What the ledger keeps, each a row of its own. Their values are made of OER's VarUInts (RFC 30), which have no limit;
 * what may be negative is written as twice its distance from zero, less one where it lies below.
 */

const readNumber = (reader: Reader): number => Number(reader.readVarUInt())

const writeNumber = (writer: Writer, value: number): Writer => writer.writeVarUInt(BigInt(value))

const writeSigned = (writer: Writer, value: bigint): Writer =>
  writer.writeVarUInt(value < 0n ? -2n * value - 1n : 2n * value)

function readSigned(reader: Reader): bigint {
  const value = reader.readVarUInt()
  return value & 1n ? -(value + 1n) / 2n : value / 2n
}

/** Value: the balance. Name: the scale in decimal, a space, the code. There once it was posted to. */
export class PositionRecord implements Row {
  readonly key: Buffer
  readonly asset: Asset
  balance = 0n
  isPosted = false

  constructor({ code, scale }: Asset) {
    this.asset = Object.freeze({ code, scale })
    this.key = keyOf(KIND.position, PositionRecord.nameOf(this.asset))
  }

  static readonly nameOf = ({ code, scale }: Asset): string => `${scale} ${code}`

  static assetOf(name: string): Asset {
    const space = name.indexOf(' ')
    return { code: name.slice(space + 1), scale: Number(name.slice(0, space)) }
  }

  static read(name: string, value: Buffer): PositionRecord {
    const record = new PositionRecord(PositionRecord.assetOf(name))
    record.balance = readSigned(new Reader(value))
    record.isPosted = true
    return record
  }

  value(): Uint8Array {
    return writeSigned(new Writer(24), this.balance).toBuffer()
  }
}

/**
 * Value: the balance, and the name of the account's position. What is held is the sum of the sessions' holds. It has its
 * position at hand, so that a commit looks nothing up.
 */
export class BalanceRecord implements Row, Balance {
  readonly key: Buffer
  balance = 0n
  heldOut = 0n
  heldIn = 0n

  constructor(
    readonly id: AccountId,
    readonly position: PositionRecord,
  ) {
    this.key = keyOf(KIND.balance, id)
  }

  /** @param positionOf finds a position by the name of its row */
  static read(name: string, value: Buffer, positionOf: (name: string) => PositionRecord): BalanceRecord {
    const reader = new Reader(value)
    const balance = readSigned(reader)
    const record = new BalanceRecord(name as AccountId, positionOf(reader.readVarOctets().toString()))
    record.balance = balance
    return record
  }

  value(): Uint8Array {
    const writer = writeSigned(new Writer(48), this.balance)
    return writer.writeVarString(PositionRecord.nameOf(this.position.asset)).toBuffer()
  }
}

/** The part of an account's holds that one session owns. Value: what is held out of it, and for it. */
export class HoldRecord implements Row {
  readonly key: Buffer
  out = 0n
  into = 0n
  isGivenBack = false

  constructor(
    session: SessionId,
    readonly of: BalanceRecord,
  ) {
    this.key = keyOf(KIND.hold, session + of.id)
  }

  /** The account that a row of this name is of. */
  static readonly accountOf = (name: string): AccountId => name.slice(SESSION_ID_LENGTH) as AccountId

  static readonly sessionOf = (name: string): SessionId => name.slice(0, SESSION_ID_LENGTH) as SessionId

  fill(value: Buffer): void {
    const reader = new Reader(value)
    this.out = reader.readVarUInt()
    this.into = reader.readVarUInt()
  }

  value(): Uint8Array | undefined {
    if (this.isGivenBack) return undefined
    return new Writer(24).writeVarUInt(this.out).writeVarUInt(this.into).toBuffer()
  }
}

/** 16 octets in base64. */
const SESSION_ID_LENGTH = 22

/** In the order of their numbers on the disk: added to, never changed. */
const OUTCOMES: readonly Outcome[] = [
  'done',
  'below-minimum',
  'above-maximum',
  'session-ended',
  'late',
  'no-hold',
]

/**
 * Value: the lease and the longest hold in milliseconds; when the session last gave a sign of life; when it ended, plus
 * one, or zero; the number of the last batch; its outcomes as runs of equal ones, each its number and its length.
 */
export class SessionRecord implements Row {
  readonly key: Buffer
  endedMs: number | undefined
  seq = 0
  outcomes: readonly Outcome[] = []
  readonly holds = new Map<BalanceRecord, HoldRecord>()
  isForgotten = false

  constructor(
    readonly id: SessionId,
    readonly terms: SessionTerms,
    /** When it last gave a sign of life. */
    public seenMs: number,
  ) {
    this.key = keyOf(KIND.session, id)
  }

  static read(name: string, value: Buffer): SessionRecord {
    const reader = new Reader(value)
    const terms = { leaseMs: readNumber(reader), holdMaxMs: readNumber(reader) }
    const record = new SessionRecord(name as SessionId, terms, readNumber(reader))
    const ended = readNumber(reader)
    if (ended > 0) record.endedMs = ended - 1
    record.seq = readNumber(reader)
    record.outcomes = readOutcomes(reader)
    return record
  }

  value(): Uint8Array | undefined {
    if (this.isForgotten) return undefined
    const writer = new Writer(64)
    writeNumber(writer, this.terms.leaseMs)
    writeNumber(writer, this.terms.holdMaxMs)
    writeNumber(writer, this.seenMs)
    writeNumber(writer, this.endedMs === undefined ? 0 : this.endedMs + 1)
    writeNumber(writer, this.seq)
    writeOutcomes(writer, this.outcomes)
    return writer.toBuffer()
  }
}

function writeOutcomes(writer: Writer, outcomes: readonly Outcome[]): void {
  for (let start = 0, end = 0; start < outcomes.length; start = end) {
    const outcome = outcomes[start] as Outcome
    while (outcomes[end] === outcome) end += 1
    writer.writeUInt8(OUTCOMES.indexOf(outcome))
    writeNumber(writer, end - start)
  }
}

function readOutcomes(reader: Reader): Outcome[] {
  const outcomes: Outcome[] = []
  while (reader.remaining > 0) {
    const outcome = OUTCOMES[reader.readUInt8()] as Outcome
    for (let left = readNumber(reader); left > 0; left--) outcomes.push(outcome)
  }
  return outcomes
}
