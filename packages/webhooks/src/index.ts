/**
 * Webhooks: events that are posted to URLs, signed, in order, and repeated within bounds; and the check of their
 * signature for those who receive them.
 *
 * @module
 */
export { WEBHOOKS_DEFAULTS, type WebhooksOptions } from './options.js'
export type { ReceiverStats } from './receiver.js'
export { SIGNATURE_HEADER, type Signed, sign, type VerifyOptions, verify } from './signature.js'
export {
  createWebhooks,
  type WebhookEvent,
  type Webhooks,
  type WebhooksDeps,
  type WebhookTarget,
} from './webhooks.js'
