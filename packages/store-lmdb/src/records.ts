import { Reader, Writer } from '@ilp/oer'
import type { AccountId, Asset } from '@ilp/service-core'
import type { BooksRecord, Outcome, SavedRecord, SessionId } from '@ilp/store-traits'
import type { Disk, Row } from './disk.js'
import { KIND, type Kind, keyOf } from './keys.js'

/**
 * The books' records as rows. Their values are made of OER's VarUInts (RFC 30), which have no limit; what may be negative
 * is written as twice its distance from zero, less one where it lies below.
 */

type RecordKind = SavedRecord['kind']
type Of<K extends RecordKind> = Extract<SavedRecord, { readonly kind: K }>

/** How records of a kind are written. */
interface Codec<K extends RecordKind> {
  readonly kind: Kind
  readonly nameOf: (record: Of<K>) => string
  readonly write: (writer: Writer, record: Of<K>) => void
  readonly read: (name: string, reader: Reader) => Of<K>
}

/** 16 octets in base64. */
const SESSION_ID_LENGTH = 22

const CODECS: { readonly [K in RecordKind]: Codec<K> } = {
  position: {
    kind: KIND.position,
    nameOf: ({ asset }) => nameOfAsset(asset),
    write: (writer, { balance, settled, adjusted }) => {
      for (const amount of [balance, settled, adjusted]) writeSigned(writer, amount)
    },
    read: (name, reader) => ({
      kind: 'position',
      asset: assetOfName(name),
      balance: readSigned(reader),
      settled: readSigned(reader),
      adjusted: readSigned(reader),
    }),
  },
  balance: {
    kind: KIND.balance,
    nameOf: ({ account }) => account,
    write: (writer, { balance, asset }) => {
      writeSigned(writer, balance)
      writer.writeVarString(nameOfAsset(asset))
    },
    read: (name, reader) => ({
      kind: 'balance',
      account: name as AccountId,
      balance: readSigned(reader),
      asset: assetOfName(readText(reader)),
    }),
  },
  session: {
    kind: KIND.session,
    nameOf: ({ session }) => session,
    write: (writer, { terms, seenMs, endedMs, seq, outcomes }) => {
      const ended = endedMs === undefined ? 0 : endedMs + 1
      for (const number of [terms.leaseMs, terms.holdMaxMs, seenMs, ended, seq]) writeNumber(writer, number)
      writeOutcomes(writer, outcomes)
    },
    read: (name, reader) => {
      const terms = { leaseMs: readNumber(reader), holdMaxMs: readNumber(reader) }
      const [seenMs, ended, seq] = [readNumber(reader), readNumber(reader), readNumber(reader)]
      const endedMs = ended > 0 ? ended - 1 : undefined
      const outcomes = readOutcomes(reader)
      return { kind: 'session', session: name as SessionId, terms, seenMs, endedMs, seq, outcomes }
    },
  },
  hold: {
    kind: KIND.hold,
    nameOf: ({ session, account }) => session + account,
    write: (writer, { out, into }) => {
      writer.writeVarUInt(out).writeVarUInt(into)
    },
    read: (name, reader) => ({
      kind: 'hold',
      session: name.slice(0, SESSION_ID_LENGTH) as SessionId,
      account: name.slice(SESSION_ID_LENGTH) as AccountId,
      out: reader.readVarUInt(),
      into: reader.readVarUInt(),
    }),
  },
  settlement: {
    kind: KIND.settlement,
    nameOf: ({ account }) => account,
    write: (writer, { number, key, amount, createdAtMs }) => {
      writeNumber(writer, number).writeVarString(key).writeVarUInt(amount)
      writeNumber(writer, createdAtMs)
    },
    read: (name, reader) => ({
      kind: 'settlement',
      account: name as AccountId,
      number: readNumber(reader),
      key: readText(reader),
      amount: reader.readVarUInt(),
      createdAtMs: readNumber(reader),
    }),
  },
  key: {
    kind: KIND.key,
    nameOf: ({ key }) => key,
    write: (writer, { account, quantity, credited, usedMs }) => {
      writer.writeVarString(account).writeVarUInt(quantity.amount).writeUInt8(quantity.scale)
      writeNumber(writer.writeVarUInt(credited), usedMs)
    },
    read: (name, reader) => ({
      kind: 'key',
      key: name,
      account: readText(reader) as AccountId,
      quantity: { amount: reader.readVarUInt(), scale: reader.readUInt8() },
      credited: reader.readVarUInt(),
      usedMs: readNumber(reader),
    }),
  },
  leftover: {
    kind: KIND.leftover,
    nameOf: ({ account }) => account,
    write: (writer, { quantity }) => {
      writer.writeVarUInt(quantity.amount).writeUInt8(quantity.scale)
    },
    read: (name, reader) => ({
      kind: 'leftover',
      account: name as AccountId,
      quantity: { amount: reader.readVarUInt(), scale: reader.readUInt8() },
    }),
  },
  adjustment: {
    kind: KIND.adjustment,
    nameOf: ({ key }) => key,
    write: (writer, { number, account, amount, reason, postedAtMs }) => {
      writeSigned(writeNumber(writer, number).writeVarString(account), amount).writeVarString(reason)
      writeNumber(writer, postedAtMs)
    },
    read: (name, reader) => ({
      kind: 'adjustment',
      key: name,
      number: readNumber(reader),
      account: readText(reader) as AccountId,
      amount: readSigned(reader),
      reason: readText(reader),
      postedAtMs: readNumber(reader),
    }),
  },
}

/** The row of a record, the same each time. */
export function rowOf(record: BooksRecord): Row {
  const codec = CODECS[record.kind] as Codec<RecordKind>
  record.row ??= {
    key: keyOf(codec.kind, codec.nameOf(record)),
    value: () => {
      if (record.isGone) return undefined
      const writer = new Writer(64)
      codec.write(writer, record)
      return writer.toBuffer()
    },
  } satisfies Row
  return record.row as Row
}

/** All that the disk has of the books. */
export function* readRecords(disk: Pick<Disk, 'read'>): Generator<SavedRecord> {
  for (const { kind, read } of Object.values(CODECS)) {
    for (const [name, value] of disk.read(kind)) yield read(name, new Reader(value))
  }
}

const nameOfAsset = ({ code, scale }: Asset): string => `${scale} ${code}`

function assetOfName(name: string): Asset {
  const space = name.indexOf(' ')
  return { code: name.slice(space + 1), scale: Number(name.slice(0, space)) }
}

const readText = (reader: Reader): string => reader.readVarOctets().toString()

const readNumber = (reader: Reader): number => Number(reader.readVarUInt())

const writeNumber = (writer: Writer, value: number): Writer => writer.writeVarUInt(BigInt(value))

const writeSigned = (writer: Writer, value: bigint): Writer =>
  writer.writeVarUInt(value < 0n ? -2n * value - 1n : 2n * value)

function readSigned(reader: Reader): bigint {
  const value = reader.readVarUInt()
  return value & 1n ? -(value + 1n) / 2n : value / 2n
}

/** In the order of their numbers on the disk: added to, never changed. */
const OUTCOMES: readonly Outcome[] = [
  'done',
  'below-minimum',
  'above-maximum',
  'session-ended',
  'late',
  'no-hold',
]

/** Runs of equal ones, each its number and its length. */
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
