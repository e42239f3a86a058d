import { OerError } from '@ilp/oer'
import { type IlpReject, Type } from 'ilp-packet'
import { ADDRESS_LENGTH_MAX, isAddress } from '../address.js'
import {
  copyPacket,
  DATA_LENGTH_MAX,
  envelope,
  expectAtMost,
  Fields,
  InvalidPacketError,
  sizeOfOctets,
  writeOctets,
} from './envelope.js'

const CODE_LENGTH = 3
const CODE = /^[ -~]{3}$/

/** Octets that a reject's message can have (RFC 27). */
export const MESSAGE_LENGTH_MAX = 8_191

export interface RejectFields {
  /** Three ASCII characters, usually one of RFC 27's; others are passed on as they are. */
  readonly code: string
  /** The ILP address (RFC 15) of the node that made the reject; empty when it has none. */
  readonly triggeredBy: string
  /** For people, at most 8,191 octets of UTF-8. */
  readonly message: string
  /** 0..32,767 octets, for the sender's program. */
  readonly data: Uint8Array
}

/** An ILP Reject (RFC 27): a view over the bytes that it came in. Immutable, and an `IlpReject` of `ilp-packet`. */
export class Reject implements IlpReject {
  readonly type = Type.TYPE_ILP_REJECT
  readonly code: string
  readonly #bytes: Buffer
  readonly #triggeredByAt: number
  readonly #messageAt: number
  readonly #dataAt: number
  readonly #dataEnd: number
  readonly #triggeredByEnd: number
  readonly #messageEnd: number

  private constructor(bytes: Buffer, fields: Fields) {
    const code = fields.fixed(CODE_LENGTH)
    this.code = bytes.toString('latin1', code, code + CODE_LENGTH)
    this.#triggeredByAt = fields.variable(ADDRESS_LENGTH_MAX)
    this.#triggeredByEnd = fields.offset
    this.#messageAt = fields.variable(MESSAGE_LENGTH_MAX)
    this.#messageEnd = fields.offset
    this.#dataAt = fields.variable(DATA_LENGTH_MAX)
    this.#dataEnd = fields.offset
    this.#bytes = fields.end === bytes.length ? bytes : bytes.subarray(0, fields.end)
  }

  /**
   * A view over `bytes`, which belong to the packet from here on. Octets behind the packet, or behind its last
   * field, are allowed (RFC 30, extensibility). Neither the code nor the address is looked at: they are passed on.
   * @throws InvalidPacketError for anything but a Reject
   */
  static decode(bytes: Buffer): Reject {
    try {
      return new Reject(bytes, new Fields(bytes, Type.TYPE_ILP_REJECT))
    } catch (error) {
      if (error instanceof OerError) throw new InvalidPacketError(error.message)
      throw error
    }
  }

  /** @throws InvalidPacketError when a field is out of its range */
  static create(fields: RejectFields): Reject {
    if (!CODE.test(fields.code)) throw new InvalidPacketError('code has not three ASCII characters')
    if (fields.triggeredBy !== '' && !isAddress(fields.triggeredBy))
      throw new InvalidPacketError('triggeredBy is not an ILP address')
    const code = Buffer.from(fields.code, 'latin1')
    const triggeredBy = Buffer.from(fields.triggeredBy, 'latin1')
    const message = Buffer.from(fields.message)
    expectAtMost('message', message, MESSAGE_LENGTH_MAX)
    expectAtMost('data', fields.data, DATA_LENGTH_MAX)
    const { bytes, offset } = envelope(
      Type.TYPE_ILP_REJECT,
      CODE_LENGTH +
        sizeOfOctets(triggeredBy.length) +
        sizeOfOctets(message.length) +
        sizeOfOctets(fields.data.length),
    )
    bytes.set(code, offset)
    let end = writeOctets(bytes, offset + CODE_LENGTH, triggeredBy)
    end = writeOctets(bytes, end, message)
    writeOctets(bytes, end, fields.data)
    return Reject.decode(bytes)
  }

  get triggeredBy(): string {
    return this.#bytes.toString('latin1', this.#triggeredByAt, this.#triggeredByEnd)
  }

  get message(): string {
    return this.#bytes.toString('utf8', this.#messageAt, this.#messageEnd)
  }

  get data(): Buffer {
    return this.#bytes.subarray(this.#dataAt, this.#dataEnd)
  }

  /** The octets that `copyTo` writes. */
  get byteLength(): number {
    return this.#bytes.length
  }

  /**
   * Writes the packet to `target` and returns the offset behind it.
   * @throws RangeError when it doesn't fit: nothing is written then
   */
  copyTo(target: Buffer, offset: number): number {
    return copyPacket(this.#bytes, target, offset)
  }

  /** The packet in bytes of their own. */
  toBuffer(): Buffer {
    return Buffer.from(this.#bytes)
  }
}
