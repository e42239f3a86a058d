import { createRequire } from 'node:module'
import { decodeStreamPacket, type Frame, FrameType, type ReceivedStreamPacket } from '../src/index.js'

/** The 64-bit integers of npm's packets. */
interface Long {
  readonly toString: () => string
}

/** The parts of npm's `ilp-protocol-stream` that are compared with; its own types bring those of Node 10 along. */
interface PacketClass {
  new (sequence: Long, type: number, amount: Long, frames: object[]): { readonly _serialize: () => Buffer }
  readonly _deserializeUnencrypted: (bytes: Buffer) => {
    readonly sequence: Long
    readonly ilpPacketType: number
    readonly prepareAmount: Long
    readonly frames: readonly Record<string, unknown>[]
  }
}

interface CryptoModule {
  readonly generatePskEncryptionKey: (secret: Buffer) => Promise<Buffer>
  readonly generateFulfillmentKey: (secret: Buffer) => Promise<Buffer>
  readonly generateFulfillment: (key: Buffer, data: Buffer) => Promise<Buffer>
  readonly encrypt: (key: Buffer, plain: Buffer) => Promise<Buffer>
  readonly decrypt: (key: Buffer, data: Buffer) => Promise<Buffer>
}

interface ReceiptModule {
  readonly createReceipt: (fields: {
    nonce: Buffer
    secret: Buffer
    streamId: number
    totalReceived: string
  }) => Buffer
  readonly verifyReceipt: (receipt: Buffer, secret: Buffer) => unknown
}

const require = createRequire(import.meta.url)
const packet = require('ilp-protocol-stream/dist/src/packet') as { readonly Packet: PacketClass } & Record<
  string,
  new (
    ...fields: unknown[]
  ) => object
>

export const peerCrypto = require('ilp-protocol-stream/dist/src/crypto') as CryptoModule
export const peerReceipt = require('ilp-protocol-stream/dist/src/util/receipt') as ReceiptModule
/** The class has to be the very one that the packets know. */
const LongClass = createRequire(require.resolve('ilp-protocol-stream'))('long') as {
  readonly fromString: (text: string, unsigned: boolean) => Long
  readonly isLong: (value: unknown) => value is Long
}

const long = (value: bigint): Long => LongClass.fromString(value.toString(), true)

const nameOf = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]))

/** The packet as npm writes it. */
export function peerEncode({
  sequence,
  ilpPacketType,
  prepareAmount,
  frames,
}: Omit<ReceivedStreamPacket, 'frameError'>) {
  const objects = frames.map(({ type, ...fields }) => {
    const values = Object.values(fields).map(value => (typeof value === 'bigint' ? long(value) : value))
    return new (packet[`${nameOf.get(type)}Frame`] as new (...fields: unknown[]) => object)(...values)
  })
  return new packet.Packet(long(sequence), ilpPacketType, long(prepareAmount), objects)._serialize()
}

/** What npm reads, in our terms; undefined when it throws. */
export function peerDecode(bytes: Buffer): Omit<ReceivedStreamPacket, 'frameError'> | undefined {
  try {
    const { sequence, ilpPacketType, prepareAmount, frames } = packet.Packet._deserializeUnencrypted(bytes)
    return {
      ilpPacketType: ilpPacketType as ReceivedStreamPacket['ilpPacketType'],
      sequence: BigInt(sequence.toString()),
      prepareAmount: BigInt(prepareAmount.toString()),
      frames: frames.map(({ name: _, ...fields }) => {
        const entries = Object.entries(fields).map(([key, value]) => [
          key === 'sourceAccount' ? 'sourceAddress' : key,
          LongClass.isLong(value) ? BigInt(value.toString()) : value,
        ])
        return Object.fromEntries(entries) as Frame
      }),
    }
  } catch {
    return undefined
  }
}

/** What we read, or why we don't. */
export function decode(bytes: Buffer): ReceivedStreamPacket | string {
  try {
    return decodeStreamPacket(bytes)
  } catch (error) {
    return (error as Error).message
  }
}
