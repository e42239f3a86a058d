import { OerError, readUInt64, UINT64_MAX, writeUInt64 } from '@ilp/oer'
import { type IlpPrepare, Type } from 'ilp-packet'
import { ADDRESS_LENGTH_MAX, isAddress } from '../address.js'
import { readDestination } from './destination.js'
import {
  copyPacket,
  DATA_LENGTH_MAX,
  envelope,
  expectAtMost,
  expectLength,
  Fields,
  InvalidPacketError,
  sizeOfOctets,
  writeOctets,
} from './envelope.js'
import {
  readTimestamp,
  TIMESTAMP_LENGTH,
  TIMESTAMP_MAX_MS,
  TIMESTAMP_MIN_MS,
  writeTimestamp,
} from './timestamp.js'

const CONDITION_LENGTH = 32
const AMOUNT_LENGTH = 8
const EXPIRY_AT = AMOUNT_LENGTH
const CONDITION_AT = EXPIRY_AT + TIMESTAMP_LENGTH
const DESTINATION_AT = CONDITION_AT + CONDITION_LENGTH

export interface PrepareFields {
  /** 0..2^64-1, in the smallest unit of the asset of the account that it travels over. */
  readonly units: bigint
  /** In the years 0 to 9999. */
  readonly expiresAt: Date
  /** 32 octets: SHA-256 of the fulfillment. */
  readonly executionCondition: Uint8Array
  /** An ILP address (RFC 15). */
  readonly destination: string
  /** 0..32,767 octets. */
  readonly data: Uint8Array
}

/**
 * An ILP Prepare (RFC 27): a view over the bytes that it came in. Immutable. `with` gives a view over the same
 * bytes with another amount or expiry, which are patched where the bytes are written out (`copyTo`). It has the
 * properties of `ilp-packet`'s `IlpPrepare`, made when they are read.
 */
export class Prepare implements IlpPrepare {
  readonly type = Type.TYPE_ILP_PREPARE
  /** 0..2^64-1, in the smallest unit of the asset: what `amount` says, as a number to compute with. */
  readonly units: bigint
  /** Milliseconds since 1970; negative before. */
  readonly expiresAtMs: number
  readonly destination: string
  readonly #bytes: Buffer
  readonly #start: number
  readonly #dataAt: number
  readonly #dataEnd: number

  private constructor(
    bytes: Buffer,
    start: number,
    units: bigint,
    expiresAtMs: number,
    destination: string,
    dataAt: number,
    dataEnd: number,
  ) {
    this.#bytes = bytes
    this.#start = start
    this.units = units
    this.expiresAtMs = expiresAtMs
    this.destination = destination
    this.#dataAt = dataAt
    this.#dataEnd = dataEnd
  }

  /**
   * A view over `bytes`, which belong to the packet from here on. Octets behind the packet, or behind its last
   * field, are allowed (RFC 30, extensibility).
   * @throws InvalidPacketError for anything but a Prepare to a valid address (RFC 15)
   */
  static decode(bytes: Buffer): Prepare {
    try {
      const fields = new Fields(bytes, Type.TYPE_ILP_PREPARE)
      const start = fields.fixed(DESTINATION_AT)
      const expiresAtMs = readTimestamp(bytes, start + EXPIRY_AT)
      if (Number.isNaN(expiresAtMs)) throw new InvalidPacketError('expiry is not a timestamp')
      const destinationAt = fields.variable(ADDRESS_LENGTH_MAX)
      const destination = readDestination(bytes, destinationAt, fields.offset)
      if (destination === undefined) throw new InvalidPacketError('destination is not an ILP address')
      const dataAt = fields.variable(DATA_LENGTH_MAX)
      const view = fields.end === bytes.length ? bytes : bytes.subarray(0, fields.end)
      return new Prepare(
        view,
        start,
        readUInt64(bytes, start),
        expiresAtMs,
        destination,
        dataAt,
        fields.offset,
      )
    } catch (error) {
      if (error instanceof OerError) throw new InvalidPacketError(error.message)
      throw error
    }
  }

  /** @throws InvalidPacketError when a field is out of its range */
  static create(fields: PrepareFields): Prepare {
    const { executionCondition, destination, data } = fields
    const units = checkedUnits(fields.units)
    const expiresAtMs = checkedExpiry(fields.expiresAt.getTime())
    expectLength('executionCondition', executionCondition, CONDITION_LENGTH)
    expectAtMost('data', data, DATA_LENGTH_MAX)
    if (!isAddress(destination)) throw new InvalidPacketError('destination is not an ILP address')

    const length = DESTINATION_AT + sizeOfOctets(destination.length) + sizeOfOctets(data.length)
    const { bytes, offset } = envelope(Type.TYPE_ILP_PREPARE, length)
    writeUInt64(bytes, offset, units)
    writeTimestamp(bytes, offset + EXPIRY_AT, expiresAtMs)
    bytes.set(executionCondition, offset + CONDITION_AT)
    const dataAt = writeOctets(bytes, offset + DESTINATION_AT, Buffer.from(destination, 'latin1'))
    const end = writeOctets(bytes, dataAt, data)
    return new Prepare(bytes, offset, units, expiresAtMs, destination, end - data.length, end)
  }

  /** `units` in decimal, as `ilp-packet` has it. */
  get amount(): string {
    return this.units.toString()
  }

  get expiresAt(): Date {
    return new Date(this.expiresAtMs)
  }

  get executionCondition(): Buffer {
    const at = this.#start + CONDITION_AT
    return this.#bytes.subarray(at, at + CONDITION_LENGTH)
  }

  get data(): Buffer {
    return this.#bytes.subarray(this.#dataAt, this.#dataEnd)
  }

  /** The octets that `copyTo` writes. */
  get byteLength(): number {
    return this.#bytes.length
  }

  /**
   * The same packet with another amount, expiry, or both, over the same bytes. Fractions of a millisecond are cut off.
   * @throws InvalidPacketError when one is out of its range
   */
  with(change: { readonly units?: bigint; readonly expiresAtMs?: number }): Prepare {
    return new Prepare(
      this.#bytes,
      this.#start,
      change.units === undefined ? this.units : checkedUnits(change.units),
      change.expiresAtMs === undefined ? this.expiresAtMs : checkedExpiry(change.expiresAtMs),
      this.destination,
      this.#dataAt,
      this.#dataEnd,
    )
  }

  /**
   * Writes the packet, with its own amount and expiry, to `target` and returns the offset behind it.
   * @throws RangeError when it doesn't fit: nothing is written then
   */
  copyTo(target: Buffer, offset: number): number {
    const end = copyPacket(this.#bytes, target, offset)
    writeUInt64(target, offset + this.#start, this.units)
    writeTimestamp(target, offset + this.#start + EXPIRY_AT, this.expiresAtMs)
    return end
  }

  /** The packet in bytes of their own. */
  toBuffer(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#bytes.length)
    this.copyTo(bytes, 0)
    return bytes
  }

  /** The condition in hexadecimal, without a view in between. */
  conditionHex(): string {
    const at = this.#start + CONDITION_AT
    return this.#bytes.toString('hex', at, at + CONDITION_LENGTH)
  }
}

function checkedUnits(units: bigint): bigint {
  if (units < 0n || units > UINT64_MAX) throw new InvalidPacketError(`amount ${units} is not in 0..2^64-1`)
  return units
}

function checkedExpiry(ms: number): number {
  const whole = Math.floor(ms)
  if (whole >= TIMESTAMP_MIN_MS && whole <= TIMESTAMP_MAX_MS) return whole
  throw new InvalidPacketError(`expiry ${ms} is not a timestamp`)
}
