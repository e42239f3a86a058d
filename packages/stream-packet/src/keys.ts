import { createCipheriv, createDecipheriv, createHmac, hash, randomFillSync } from 'node:crypto'
import { Hmac } from './hmac.js'
import {
  decodeStreamPacket,
  encodeStreamPacket,
  type IlpPacketType,
  InvalidStreamPacketError,
  type ReceivedStreamPacket,
  type StreamPacket,
} from './packet.js'

const ALGORITHM = 'aes-256-gcm'
const IV_LENGTH = 12
const TAG_LENGTH = 16

/** Octets that encryption adds: the initialization vector and the authentication tag. */
export const ENCRYPTION_OVERHEAD = IV_LENGTH + TAG_LENGTH

/** Octets that a STREAM packet can have in clear text: with the overhead, what an ILP packet's `data` can hold. */
export const STREAM_PACKET_LENGTH_MAX = 32_739

/** Packets that one endpoint may send on one connection (RFC 29 section 5.1.3). */
export const PACKETS_MAX = 2 ** 31

const derive = (sharedSecret: Uint8Array, purpose: string): Buffer =>
  createHmac('sha256', sharedSecret).update(purpose).digest()

// Initialization vectors are drawn many at a time; each is used once.
const ivs = Buffer.allocUnsafeSlow(IV_LENGTH * 256)
let drawn = ivs.length

/** A fresh one, in memory that a later call writes over. */
function nextIv(): Buffer {
  if (drawn === ivs.length) {
    randomFillSync(ivs)
    drawn = 0
  }
  drawn += IV_LENGTH
  return ivs.subarray(drawn - IV_LENGTH, drawn)
}

/** The condition of a Prepare that this fulfillment fulfills: its SHA-256 hash. */
export const conditionOf = (fulfillment: Uint8Array): Buffer =>
  Buffer.from(hash('sha256', fulfillment, 'binary'), 'binary')

/** The keys of one connection, derived once from its shared secret (RFC 29 sections 5.1 and 6). */
export class StreamKeys {
  readonly #encryption: Buffer
  readonly #fulfillment: Hmac

  constructor(sharedSecret: Uint8Array) {
    this.#encryption = derive(sharedSecret, 'ilp_stream_encryption')
    this.#fulfillment = new Hmac(derive(sharedSecret, 'ilp_stream_fulfillment'))
  }

  /**
   * The packet encrypted, as an ILP packet's `data`. Each call gives other bytes.
   * @throws RangeError when a number is out of its range, or the packet too long for an ILP packet
   */
  encrypt(packet: StreamPacket): Buffer {
    const plain = encodeStreamPacket(packet)
    if (plain.length > STREAM_PACKET_LENGTH_MAX)
      throw new RangeError(`STREAM packet of ${plain.length} octets`)
    const iv = nextIv()
    const cipher = createCipheriv(ALGORITHM, this.#encryption, iv)
    const body = cipher.update(plain)
    cipher.final()
    return Buffer.concat([iv, cipher.getAuthTag(), body])
  }

  /**
   * The packet in an ILP packet's `data`. Undefined unless it was encrypted under these keys, has not been changed,
   * is a STREAM packet of version 1, and came in the type of ILP packet that it was made for: all of that has to be
   * treated as data that can't be decrypted.
   */
  decrypt(data: Buffer, carrier: IlpPacketType): ReceivedStreamPacket | undefined {
    const plain = this.#decipher(data)
    if (!plain) return undefined
    try {
      const packet = decodeStreamPacket(plain)
      return packet.ilpPacketType === carrier ? packet : undefined
    } catch (error) {
      if (error instanceof InvalidStreamPacketError) return undefined
      throw error
    }
  }

  /** The preimage of the condition of a Prepare with this `data`: 32 octets. */
  fulfillment(data: Uint8Array): Buffer {
    return this.#fulfillment.digest(data)
  }

  /** The condition that lets the receiver fulfill a Prepare with this `data`: 32 octets. */
  condition(data: Uint8Array): Buffer {
    return conditionOf(this.fulfillment(data))
  }

  #decipher(data: Buffer): Buffer | undefined {
    if (data.length < ENCRYPTION_OVERHEAD) return undefined
    const decipher = createDecipheriv(ALGORITHM, this.#encryption, data.subarray(0, IV_LENGTH))
    decipher.setAuthTag(data.subarray(IV_LENGTH, ENCRYPTION_OVERHEAD))
    const plain = decipher.update(data.subarray(ENCRYPTION_OVERHEAD))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return plain
  }
}
