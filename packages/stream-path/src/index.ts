/**
 * What a sender of STREAM packets (RFC 29) knows of their path and of the other end: how much may be in flight, the
 * largest packet, the rate, what packets have to bring, which are under way, and what the other end takes. State
 * machines that are told of what happens: no sockets, and no timers but those that are given to an `Alarm`.
 *
 * @module
 */
export { Alarm, nextTurn, type Timers } from './alarm.js'
export { larger, nextPart, smaller } from './amounts.js'
export { Congestion } from './congestion.js'
export { Flight, type FlightDeps, type Load, type Sent } from './flight.js'
export { MinimumRate } from './minimum-rate.js'
export { PacketLimit } from './packet-limit.js'
export { PeerStream } from './peer-stream.js'
export {
  deliveredDown,
  deliveredUp,
  isBelow,
  lessPpm,
  type Rate,
  RateEstimate,
  sourceFor,
  sourceWithin,
  trimmed,
} from './rate.js'
