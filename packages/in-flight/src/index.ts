/**
 * Bounds the packets in flight of each account, and lets a stop wait for those that are.
 *
 * @module
 */
export {
  IN_FLIGHT_DEFAULTS,
  type InFlight,
  type InFlightAccount,
  type InFlightDeps,
  type InFlightOptions,
  type InFlightStats,
  inFlight,
} from './in-flight.js'
