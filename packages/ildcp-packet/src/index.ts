/**
 * IL-DCP, the protocol in which a node asks its parent who it is (RFC 31): requests and responses as packets.
 *
 * @module
 */
export {
  CONFIG_ADDRESS,
  type Configuration,
  configRequest,
  configResponse,
  InvalidConfigurationError,
  isPeerCondition,
  readConfiguration,
} from './ildcp-packet.js'
