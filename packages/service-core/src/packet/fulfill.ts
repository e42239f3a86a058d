import { hash } from 'node:crypto'
import { OerError } from '@ilp/oer'
import { type IlpFulfill, Type } from 'ilp-packet'
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
import type { Prepare } from './prepare.js'

const FULFILLMENT_LENGTH = 32

export interface FulfillFields {
  /** 32 octets. */
  readonly fulfillment: Uint8Array
  /** 0..32,767 octets. */
  readonly data: Uint8Array
}

/** An ILP Fulfill (RFC 27): a view over the bytes that it came in. Immutable, and an `IlpFulfill` of `ilp-packet`. */
export class Fulfill implements IlpFulfill {
  readonly type = Type.TYPE_ILP_FULFILL
  readonly #bytes: Buffer
  readonly #start: number
  readonly #dataAt: number
  readonly #dataEnd: number

  private constructor(bytes: Buffer, start: number, dataAt: number, dataEnd: number) {
    this.#bytes = bytes
    this.#start = start
    this.#dataAt = dataAt
    this.#dataEnd = dataEnd
  }

  /**
   * A view over `bytes`, which belong to the packet from here on. Octets behind the packet, or behind its last
   * field, are allowed (RFC 30, extensibility).
   * @throws InvalidPacketError for anything but a Fulfill
   */
  static decode(bytes: Buffer): Fulfill {
    try {
      const fields = new Fields(bytes, Type.TYPE_ILP_FULFILL)
      const start = fields.fixed(FULFILLMENT_LENGTH)
      const dataAt = fields.variable(DATA_LENGTH_MAX)
      const view = fields.end === bytes.length ? bytes : bytes.subarray(0, fields.end)
      return new Fulfill(view, start, dataAt, fields.offset)
    } catch (error) {
      if (error instanceof OerError) throw new InvalidPacketError(error.message)
      throw error
    }
  }

  /** @throws InvalidPacketError when a field is out of its range */
  static create({ fulfillment, data }: FulfillFields): Fulfill {
    expectLength('fulfillment', fulfillment, FULFILLMENT_LENGTH)
    expectAtMost('data', data, DATA_LENGTH_MAX)
    const { bytes, offset } = envelope(Type.TYPE_ILP_FULFILL, FULFILLMENT_LENGTH + sizeOfOctets(data.length))
    bytes.set(fulfillment, offset)
    const end = writeOctets(bytes, offset + FULFILLMENT_LENGTH, data)
    return new Fulfill(bytes, offset, end - data.length, end)
  }

  get fulfillment(): Buffer {
    return this.#bytes.subarray(this.#start, this.#start + FULFILLMENT_LENGTH)
  }

  get data(): Buffer {
    return this.#bytes.subarray(this.#dataAt, this.#dataEnd)
  }

  /** The octets that `copyTo` writes. */
  get byteLength(): number {
    return this.#bytes.length
  }

  /** Whether the fulfillment is the preimage of the Prepare's condition (RFC 27). */
  fulfills(prepare: Prepare): boolean {
    return hash('sha256', this.fulfillment, 'hex') === prepare.conditionHex()
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
