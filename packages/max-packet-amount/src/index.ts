/**
 * Refuses packets above an account's maximum, and tells the sender how much would pass.
 *
 * @module
 */
export {
  type MaxPacketAmountAccount,
  type MaxPacketAmountDeps,
  maxPacketAmount,
} from './max-packet-amount.js'
