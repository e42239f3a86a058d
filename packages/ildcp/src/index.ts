/**
 * IL-DCP (RFC 31): tells this node's children their address and asset, and asks the parent for ours.
 *
 * @module
 */
export {
  ADDRESS_LEARNER_DEFAULTS,
  type AddressLearner,
  type AddressLearnerDeps,
  type AddressLearnerOptions,
  createAddressLearner,
} from './address-learner.js'
export { fetchConfiguration, IldcpError } from './fetch-configuration.js'
export { type IldcpAccount, type IldcpDeps, ildcp } from './ildcp.js'
