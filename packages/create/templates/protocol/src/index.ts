/**
 * A packet of a type and a text: codec.
 *
 * @module
 */
export {
  decodeMyPacket,
  encodeMyPacket,
  InvalidMyPacketError,
  type MyPacket,
  TEXT_LENGTH_MAX,
} from './my-packet.js'
