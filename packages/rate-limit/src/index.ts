/**
 * Rate limits: how many packets, and what amounts, may come from an account and go to it in a minute. Token buckets
 * that fill exactly; counted in this process, or shared by all processes of a node through a store.
 *
 * @module
 */
export {
  LEASED_LIMITS_DEFAULTS,
  type LeasedLimitsDeps,
  type LeasedLimitsOptions,
  leasedLimits,
} from './leased-limits.js'
export type { Direction, Limits, Meter, RateLimit, Verdict } from './limits.js'
export { type LocalLimitsDeps, localLimits } from './local-limits.js'
export {
  incomingRateLimit,
  outgoingRateLimit,
  type RateLimitAccount,
  type RateLimitDeps,
} from './rate-limit.js'
