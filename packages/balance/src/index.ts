/**
 * Keeps the money of every packet: reserve at the Prepare, then commit at the Fulfill or release at the Reject.
 *
 * @module
 */
export {
  BALANCE_DEFAULTS,
  type BalanceAccount,
  type BalanceDeps,
  type BalanceOptions,
  balance,
} from './balance.js'
