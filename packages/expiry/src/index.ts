/**
 * Moves a packet's expiry forward for the next hop, so that there is time for the way back.
 *
 * @module
 */
export { EXPIRY_DEFAULTS, type ExpiryDeps, type ExpiryOptions, expiry } from './expiry.js'
