import { OerError, Reader } from '@ilp/oer'
import { BtpFrameError, unreadable } from './error.js'
import {
  type BtpFrame,
  ERROR_DATA_LENGTH_MAX,
  FRAME_LENGTH_MAX,
  FrameType,
  SUB_PROTOCOLS_MAX,
  type SubProtocol,
} from './frame.js'
import { parseGeneralizedTime } from './timestamp.js'

const CODE_LENGTH = 3

/** Runs `read` and turns what OER says about the bytes into this package's error. */
export function reading<T>(bytes: Buffer, read: (bytes: Buffer) => T): T {
  try {
    if (bytes.length > FRAME_LENGTH_MAX) throw unreadable(`frame of ${bytes.length} octets`)
    return read(bytes)
  } catch (error) {
    if (error instanceof OerError) throw unreadable(error.message)
    throw error
  }
}

/**
 * Decodes a frame (RFC 23). Data are views over `bytes`. Octets behind the frame, or behind its last field, are
 * ignored (RFC 30, extensibility).
 * @throws BtpFrameError for anything but a frame
 */
export const decodeFrame = (bytes: Buffer): BtpFrame => reading(bytes, decode)

function decode(bytes: Buffer): BtpFrame {
  const envelope = new Reader(bytes)
  const type = envelope.readUInt8()
  const requestId = envelope.readUInt32()
  const length = envelope.readLength()
  const contents = new Reader(bytes, envelope.offset, envelope.offset + length)
  switch (type) {
    case FrameType.MESSAGE:
    case FrameType.RESPONSE:
      return { type, requestId, protocolData: readProtocolData(contents) }
    case FrameType.TRANSFER:
      return { type, requestId, amount: contents.readUInt64(), protocolData: readProtocolData(contents) }
    case FrameType.ERROR:
      return { type, requestId, ...readError(contents), protocolData: readProtocolData(contents) }
    default:
      throw unreadable(`frame of type ${type}`)
  }
}

function readError(contents: Reader) {
  const code = readIa5(contents, CODE_LENGTH)
  const name = readIa5(contents, contents.readLength())
  const triggeredAt = parseGeneralizedTime(readIa5(contents, contents.readLength()))
  if (!triggeredAt) throw unreadable('triggeredAt is not a GeneralizedTime')
  const data = contents.readVarOctets()
  if (data.length > ERROR_DATA_LENGTH_MAX) throw unreadable(`error with ${data.length} octets of data`)
  return { code, name, triggeredAt, data }
}

function readIa5(reader: Reader, length: number): string {
  const octets = reader.readOctets(length)
  expectIa5(octets, 0, length)
  return octets.toString('latin1')
}

function expectIa5(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    if ((bytes[at] as number) > 0x7f) throw unreadable('character that is not IA5')
  }
}

function readProtocolData(reader: Reader): SubProtocol[] {
  const { bytes } = reader
  const places = readPlaces(reader)
  const entries: SubProtocol[] = []
  for (let i = 0; i < places.length; i += PLACES_PER_ENTRY) {
    const [nameAt, nameEnd, dataAt, dataEnd] = places.slice(i, i + PLACES_PER_ENTRY) as Place
    entries.push({
      protocolName: bytes.toString('latin1', nameAt, nameEnd),
      contentType: bytes[nameEnd] as number,
      data: bytes.subarray(dataAt, dataEnd),
    })
  }
  return entries
}

/** Where an entry's name begins and ends, and its data. The content type lies behind the name. */
type Place = [nameAt: number, nameEnd: number, dataAt: number, dataEnd: number]

const PLACES_PER_ENTRY = 4

/** Checks the protocol data and tells where its entries lie, one `Place` after another, making nothing of them. */
export function readPlaces(reader: Reader): number[] {
  const count = reader.readVarUInt()
  if (count > SUB_PROTOCOLS_MAX) throw unreadable(`frame with more than ${SUB_PROTOCOLS_MAX} sub-protocols`)
  const places: number[] = []
  let isUnique = true
  for (let i = 0; i < count; i++) {
    const nameLength = reader.readLength()
    const nameAt = reader.offset
    const nameEnd = nameAt + nameLength
    expectIa5(reader.bytes, nameAt, nameEnd)
    reader.offset = nameEnd
    reader.readUInt8()
    const dataLength = reader.readLength()
    isUnique &&= !holdsName(reader.bytes, places, nameAt, nameEnd)
    places.push(nameAt, nameEnd, reader.offset, reader.offset + dataLength)
    reader.offset += dataLength
  }
  if (!isUnique) throw new BtpFrameError('ERR_BTP_DUPLICATE_NAME', 'two sub-protocols of one name')
  return places
}

function holdsName(bytes: Buffer, places: readonly number[], nameAt: number, nameEnd: number): boolean {
  for (let i = 0; i < places.length; i += PLACES_PER_ENTRY) {
    const at = places[i] as number
    const end = places[i + 1] as number
    if (end - at === nameEnd - nameAt && bytes.compare(bytes, at, end, nameAt, nameEnd) === 0) return true
  }
  return false
}
