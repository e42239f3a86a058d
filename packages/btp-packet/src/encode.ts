import { UINT64_MAX, Writer } from '@ilp/oer'
import {
  type BtpFrame,
  ERROR_DATA_LENGTH_MAX,
  FRAME_LENGTH_MAX,
  FrameType,
  REQUEST_ID_MAX,
  SUB_PROTOCOLS_MAX,
  type SubProtocol,
} from './frame.js'
import { formatGeneralizedTime } from './timestamp.js'

const CODE_LENGTH = 3
const CONTENT_TYPE_MAX = 255

/**
 * Encodes a frame (RFC 23) in its canonical form.
 * @throws RangeError when a field is out of its range, or two sub-protocols have one name
 */
export function encodeFrame(frame: BtpFrame): Buffer {
  expect(isUInt(frame.requestId, REQUEST_ID_MAX), `request id ${frame.requestId}`)
  const contents = new Writer()
  if (frame.type === FrameType.TRANSFER) {
    expect(frame.amount >= 0n && frame.amount <= UINT64_MAX, `amount ${frame.amount}`)
    contents.writeUInt64(frame.amount)
  }
  if (frame.type === FrameType.ERROR) {
    const { code, name, triggeredAt, data } = frame
    expect(isIa5(code) && code.length === CODE_LENGTH, `code ${code}`)
    expect(isIa5(name), `name ${name}`)
    expect(data.length <= ERROR_DATA_LENGTH_MAX, `error with ${data.length} octets of data`)
    contents
      .writeOctets(Buffer.from(code, 'latin1'))
      .writeVarString(name)
      .writeVarString(formatGeneralizedTime(triggeredAt))
      .writeVarOctets(data)
  }
  writeProtocolData(contents, frame.protocolData)
  const bytes = new Writer(contents.length + 10)
    .writeUInt8(frame.type)
    .writeUInt32(frame.requestId)
    .writeVarOctets(contents.toBuffer())
    .toBuffer()
  expect(bytes.length <= FRAME_LENGTH_MAX, `frame of ${bytes.length} octets`)
  return bytes
}

function writeProtocolData(writer: Writer, entries: readonly SubProtocol[]): void {
  expect(entries.length <= SUB_PROTOCOLS_MAX, `frame with ${entries.length} sub-protocols`)
  expect(new Set(entries.map(entry => entry.protocolName)).size === entries.length, 'repeated name')
  writer.writeVarUInt(BigInt(entries.length))
  for (const { protocolName, contentType, data } of entries) {
    expect(isIa5(protocolName), `name ${protocolName}`)
    expect(isUInt(contentType, CONTENT_TYPE_MAX), `content type ${contentType}`)
    writer.writeVarString(protocolName).writeUInt8(contentType).writeVarOctets(data)
  }
}

const isUInt = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max

// biome-ignore lint/suspicious/noControlCharactersInRegex: IA5 has them
const isIa5 = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)

function expect(condition: boolean, what: string): void {
  if (!condition) throw new RangeError(`${what} can't be in a BTP frame`)
}
