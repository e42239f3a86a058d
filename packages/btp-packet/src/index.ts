/**
 * BTP 2.0 frames (RFC 23): decoding and encoding, strict in both directions, and a short way for ILP packets that
 * copies nothing on the way in and once on the way out.
 *
 * @module
 */
export { type Auth, encodeAuth, readAuth } from './auth.js'
export { decodeFrame } from './decode.js'
export { encodeFrame } from './encode.js'
export { BtpFrameError, type BtpFrameErrorCode } from './error.js'
export {
  type BtpError,
  type BtpFrame,
  type BtpMessage,
  type BtpResponse,
  type BtpTransfer,
  ContentType,
  ERROR_DATA_LENGTH_MAX,
  FRAME_LENGTH_MAX,
  FrameType,
  SUB_PROTOCOLS_MAX,
  type SubProtocol,
} from './frame.js'
export { encodeIlp, frameRequestId, frameType, type PacketBytes, readIlp } from './ilp.js'
export { encodeRefusal, type RefusalCode } from './refusal.js'
