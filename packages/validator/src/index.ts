/**
 * Refuses packets that break the rules on their way in, and holds the next hop to them on the way out: an answer in
 * time, and a fulfillment that fits the condition.
 *
 * @module
 */
export { type IncomingValidatorDeps, incomingValidator } from './incoming-validator.js'
export { lateFulfillLog } from './late-fulfill-log.js'
export {
  type OutgoingValidator,
  type OutgoingValidatorDeps,
  type OutgoingValidatorStats,
  outgoingValidator,
} from './outgoing-validator.js'
