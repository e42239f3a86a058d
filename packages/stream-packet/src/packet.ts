import { OerError, Reader } from '@ilp/oer'
import { sizeOfField, writeField } from './field.js'
import type { Frame } from './frame.js'
import { readFrame, readVarUInt64, sizeOfFrame, writeFrame } from './frame-codec.js'

const VERSION = 1

/** The ILP packet that carries a STREAM packet. */
export const IlpPacketType = { Prepare: 12, Fulfill: 13, Reject: 14 } as const
export type IlpPacketType = (typeof IlpPacketType)[keyof typeof IlpPacketType]

/** What the endpoints of a connection tell each other in one ILP packet (RFC 29 section 5.2). */
export interface StreamPacket {
  readonly ilpPacketType: IlpPacketType
  /** 0..2^64-1. A reply has that of the Prepare which it answers. */
  readonly sequence: bigint
  /** 0..2^64-1. In a Prepare the least that the receiver should accept, in a reply what it got, in its own unit. */
  readonly prepareAmount: bigint
  readonly frames: readonly Frame[]
}

/** A STREAM packet as it was received. */
export interface ReceivedStreamPacket extends StreamPacket {
  /**
   * What is wrong with the first malformed frame, a reason to close the connection with `FrameFormatError`.
   * `frames` has those before it.
   */
  readonly frameError: string | undefined
}

/** Bytes that are no STREAM packet of version 1. */
export class InvalidStreamPacketError extends Error {
  override readonly name = 'InvalidStreamPacketError'
  readonly code = 'ERR_INVALID_STREAM_PACKET'
}

/**
 * The packet in clear text.
 * @throws RangeError when a number is out of its range
 */
export function encodeStreamPacket({ ilpPacketType, sequence, prepareAmount, frames }: StreamPacket): Buffer {
  const head = [VERSION, ilpPacketType, sequence, prepareAmount, BigInt(frames.length)]
  let size = 0
  for (const field of head) size += sizeOfField(field)
  for (const frame of frames) size += sizeOfFrame(frame)
  const bytes = Buffer.allocUnsafe(size)
  let end = 0
  for (const field of head) end = writeField(bytes, end, field)
  for (const frame of frames) end = writeFrame(bytes, end, frame)
  return bytes
}

/**
 * Reads a packet in clear text. Frames of unknown types are left out, octets behind the last frame are ignored; the
 * octets of data and receipts are views over `bytes`.
 * @throws InvalidStreamPacketError for another version, and when what comes before the frames is malformed: then
 *   there is no way to answer it
 */
export function decodeStreamPacket(bytes: Buffer): ReceivedStreamPacket {
  const reader = new Reader(bytes)
  try {
    const version = reader.readUInt8()
    if (version !== VERSION) throw new InvalidStreamPacketError(`version ${version}, not ${VERSION}`)
    const ilpPacketType = reader.readUInt8()
    if (!isIlpPacketType(ilpPacketType)) {
      throw new InvalidStreamPacketError(`${ilpPacketType} is no type of ILP packet`)
    }
    const sequence = readVarUInt64(reader)
    const prepareAmount = readVarUInt64(reader)
    const count = readVarUInt64(reader)
    const frames: Frame[] = []
    const frameError = readFrames(reader, count, frames)
    return { ilpPacketType, sequence, prepareAmount, frames, frameError }
  } catch (error) {
    if (error instanceof OerError) throw new InvalidStreamPacketError(error.message)
    throw error
  }
}

/** Fills `frames` and returns what is wrong with the first malformed one. */
function readFrames(reader: Reader, count: bigint, frames: Frame[]): string | undefined {
  try {
    // A count that is too large ends at the end of the bytes.
    for (let i = 0n; i < count; i++) {
      const frame = readFrame(reader)
      if (frame) frames.push(frame)
    }
    return undefined
  } catch (error) {
    if (error instanceof OerError) return error.message
    throw error
  }
}

const isIlpPacketType = (type: number): type is IlpPacketType =>
  type >= IlpPacketType.Prepare && type <= IlpPacketType.Reject
