/**
 * Pays STREAM receivers (RFC 29): finds out what the path takes and at which rate, keeps packets in flight as far as
 * it carries them, holds to a minimum rate, and says to the unit what came of it.
 *
 * @module
 */
export type { Rate } from '@ilp/stream-path'
export type {
  FixedDelivery,
  FixedSource,
  Payment,
  PaymentEnd,
  PaymentResult,
  Progress,
  Quote,
  RejectInfo,
} from './payment.js'
export {
  STREAM_SENDER_DEFAULTS,
  type StreamSender,
  type StreamSenderDeps,
  type StreamSenderOptions,
  streamSender,
} from './stream-sender.js'
