/**
 * Pings ILP addresses: with packets that their nodes echo, and with packets that nobody can fulfill.
 *
 * @module
 */
export {
  PING_DEFAULTS,
  PingError,
  type PingErrorCode,
  type Pinger,
  type PingerDeps,
  type PingOptions,
  type PingReject,
  type PingResult,
  pinger,
} from './ping.js'
