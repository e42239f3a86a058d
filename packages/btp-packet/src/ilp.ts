import { lengthPrefixSize, Reader, readLengthPrefix, sizeOfLengthPrefix, writeLengthPrefix } from '@ilp/oer'
import { reading, readPlaces } from './decode.js'
import type { FrameType } from './frame.js'

/** An ILP packet, as far as a frame needs it. */
export interface PacketBytes {
  readonly byteLength: number
  /** Writes all of it to `target` and returns the offset behind it. */
  readonly copyTo: (target: Buffer, offset: number) => number
}

const CONTENTS_AT = 5
/** One sub-protocol (a count of one byte, 1), named `ilp` (three letters), an octet stream. */
const HEAD = Buffer.from([1, 1, 3, 0x69, 0x6c, 0x70, 0])

/**
 * A Message or a Response with this ILP packet and nothing else, written once into a buffer of just its size.
 * @param requestId 0..2^32-1
 */
export function encodeIlp(
  type: typeof FrameType.MESSAGE | typeof FrameType.RESPONSE,
  requestId: number,
  packet: PacketBytes,
): Buffer {
  const length = packet.byteLength
  const contents = HEAD.length + sizeOfLengthPrefix(length) + length
  const bytes = Buffer.allocUnsafe(CONTENTS_AT + sizeOfLengthPrefix(contents) + contents)
  bytes[0] = type
  bytes[1] = requestId >>> 24
  bytes[2] = requestId >>> 16
  bytes[3] = requestId >>> 8
  bytes[4] = requestId
  let at = writeLengthPrefix(bytes, CONTENTS_AT, contents)
  for (let i = 0; i < HEAD.length; i++) bytes[at + i] = HEAD[i] as number
  at = writeLengthPrefix(bytes, at + HEAD.length, length)
  packet.copyTo(bytes, at)
  return bytes
}

/** The type of the frame in `bytes`; undefined when there are none. */
export const frameType = (bytes: Uint8Array): number | undefined => bytes[0]

/** The request id of a frame of at least five octets. */
export const frameRequestId = (bytes: Uint8Array): number =>
  (((bytes[1] as number) << 24) |
    ((bytes[2] as number) << 16) |
    ((bytes[3] as number) << 8) |
    (bytes[4] as number)) >>>
  0

/**
 * The ILP packet in a Message or a Response: a view over `bytes`, undefined when the primary sub-protocol is not
 * `ilp`. The type itself is the caller's to look at. Checks the frame just as `decodeFrame` does, but makes no object
 * of what it finds.
 * @throws BtpFrameError for anything but a Message or a Response
 */
export const readIlp = (bytes: Buffer): Buffer | undefined => reading(bytes, findIlp)

function findIlp(bytes: Buffer): Buffer | undefined {
  const size = lengthPrefixSize(bytes, CONTENTS_AT)
  const at = CONTENTS_AT + size
  const end = at + readLengthPrefix(bytes, CONTENTS_AT, size, bytes.length)
  if (
    bytes[at] === 1 &&
    bytes[at + 1] === 1 &&
    bytes[at + 2] === 3 &&
    bytes[at + 3] === 0x69 &&
    bytes[at + 4] === 0x6c &&
    bytes[at + 5] === 0x70
  ) {
    const dataSize = lengthPrefixSize(bytes, at + HEAD.length)
    const dataAt = at + HEAD.length + dataSize
    return bytes.subarray(dataAt, dataAt + readLengthPrefix(bytes, at + HEAD.length, dataSize, end))
  }
  const [nameAt, nameEnd, dataAt, dataEnd] = readPlaces(new Reader(bytes, at, end))
  if (nameAt === undefined || bytes.toString('latin1', nameAt, nameEnd) !== 'ilp') return undefined
  return bytes.subarray(dataAt, dataEnd)
}
