/**
 * The echo protocol, in which a node sends a packet back to where it came from: requests and responses as packets.
 *
 * @module
 */
export {
  type Echo,
  type EchoRequestFields,
  echoRequest,
  echoResponse,
  InvalidEchoError,
  readEcho,
} from './echo-packet.js'
