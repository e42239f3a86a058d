import { OerError, type Reader, sizeOfLengthPrefix, UINT64_MAX, writeLengthPrefix } from '@ilp/oer'
import { type Field, sizeOfField, writeField } from './field.js'
import { type Frame, FrameType } from './frame.js'

/** Characters of an ILP address (RFC 15). */
const ADDRESS_LENGTH_MAX = 1_023

/** @throws OerError past 2^64-1, which RFC 29 lets implementations refuse (section 5.1.4) */
export function readVarUInt64(reader: Reader): bigint {
  const value = reader.readVarUInt()
  if (value > UINT64_MAX) throw new OerError('integer of more than 64 bits')
  return value
}

/** What RFC 29 wants read as 2^64-1 when it is larger (section 5.1.4). */
function readClamped(reader: Reader): bigint {
  const value = reader.readVarUInt()
  if (value > UINT64_MAX) return UINT64_MAX
  return value
}

const readString = (reader: Reader): string => reader.readVarOctets().toString('utf8')

function readAddress(reader: Reader): string {
  const octets = reader.readVarOctets()
  if (octets.length > ADDRESS_LENGTH_MAX) throw new OerError('address of more than 1023 characters')
  return octets.toString('utf8')
}

/**
 * Reads one frame; undefined for a type that this codec doesn't know, passed over by its length. Octets behind a
 * frame's last field are ignored (RFC 30, extensibility).
 * @throws OerError when the frame, or a field of it, is malformed
 */
export function readFrame(reader: Reader): Frame | undefined {
  const type = reader.readUInt8()
  const length = reader.readLength()
  const end = reader.offset + length
  const frame = readFields(type, reader)
  if (reader.offset > end) throw new OerError('field past the end of its frame')
  reader.offset = end
  return frame
}

function readFields(type: number, reader: Reader): Frame | undefined {
  // The properties of a literal are evaluated in their order, which is the order on the wire.
  switch (type) {
    case FrameType.ConnectionClose:
      return { type, errorCode: reader.readUInt8(), errorMessage: readString(reader) }
    case FrameType.ConnectionNewAddress:
      return { type, sourceAddress: readAddress(reader) }
    case FrameType.ConnectionMaxData:
    case FrameType.ConnectionDataBlocked:
      return { type, maxOffset: readVarUInt64(reader) }
    case FrameType.ConnectionMaxStreamId:
    case FrameType.ConnectionStreamIdBlocked:
      return { type, maxStreamId: readVarUInt64(reader) }
    case FrameType.ConnectionAssetDetails:
      return { type, sourceAssetCode: readString(reader), sourceAssetScale: reader.readUInt8() }
    case FrameType.StreamClose:
      return {
        type,
        streamId: readVarUInt64(reader),
        errorCode: reader.readUInt8(),
        errorMessage: readString(reader),
      }
    case FrameType.StreamMoney:
      return { type, streamId: readVarUInt64(reader), shares: readVarUInt64(reader) }
    case FrameType.StreamMaxMoney:
      return {
        type,
        streamId: readVarUInt64(reader),
        receiveMax: readClamped(reader),
        totalReceived: readVarUInt64(reader),
      }
    case FrameType.StreamMoneyBlocked:
      return {
        type,
        streamId: readVarUInt64(reader),
        sendMax: readClamped(reader),
        totalSent: readVarUInt64(reader),
      }
    case FrameType.StreamData:
      return {
        type,
        streamId: readVarUInt64(reader),
        offset: readVarUInt64(reader),
        data: reader.readVarOctets(),
      }
    case FrameType.StreamMaxData:
    case FrameType.StreamDataBlocked:
      return { type, streamId: readVarUInt64(reader), maxOffset: readVarUInt64(reader) }
    case FrameType.StreamReceipt:
      return { type, streamId: readVarUInt64(reader), receipt: reader.readVarOctets() }
    default:
      return undefined
  }
}

/** A frame's fields in the order on the wire. */
function fields(frame: Frame): readonly Field[] {
  switch (frame.type) {
    case FrameType.ConnectionClose:
      return [frame.errorCode, frame.errorMessage]
    case FrameType.ConnectionNewAddress:
      return [frame.sourceAddress]
    case FrameType.ConnectionMaxData:
    case FrameType.ConnectionDataBlocked:
      return [frame.maxOffset]
    case FrameType.ConnectionMaxStreamId:
    case FrameType.ConnectionStreamIdBlocked:
      return [frame.maxStreamId]
    case FrameType.ConnectionAssetDetails:
      return [frame.sourceAssetCode, frame.sourceAssetScale]
    case FrameType.StreamClose:
      return [frame.streamId, frame.errorCode, frame.errorMessage]
    case FrameType.StreamMoney:
      return [frame.streamId, frame.shares]
    case FrameType.StreamMaxMoney:
      return [frame.streamId, frame.receiveMax, frame.totalReceived]
    case FrameType.StreamMoneyBlocked:
      return [frame.streamId, frame.sendMax, frame.totalSent]
    case FrameType.StreamData:
      return [frame.streamId, frame.offset, frame.data]
    case FrameType.StreamMaxData:
    case FrameType.StreamDataBlocked:
      return [frame.streamId, frame.maxOffset]
    case FrameType.StreamReceipt:
      return [frame.streamId, frame.receipt]
  }
}

/** The number of octets that `writeFrame` writes. */
export function sizeOfFrame(frame: Frame): number {
  const length = sizeOfContents(fields(frame))
  return 1 + sizeOfLengthPrefix(length) + length
}

/** Writes the frame to `bytes`, which has the room, and returns the offset behind it. */
export function writeFrame(bytes: Buffer, offset: number, frame: Frame): number {
  const contents = fields(frame)
  bytes[offset] = frame.type
  let end = writeLengthPrefix(bytes, offset + 1, sizeOfContents(contents))
  for (const field of contents) end = writeField(bytes, end, field)
  return end
}

function sizeOfContents(contents: readonly Field[]): number {
  let length = 0
  for (const field of contents) length += sizeOfField(field)
  return length
}
