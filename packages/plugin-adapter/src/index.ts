/**
 * Classic Interledger plugins: a chain as one, for programs that take a plugin, and one as the link of a chain.
 *
 * @module
 */
export type { DataHandler, MoneyHandler, Plugin } from './plugin.js'
export {
  PLUGIN_LINK_DEFAULTS,
  type PluginLink,
  type PluginLinkDeps,
  type PluginLinkOptions,
  pluginLink,
} from './plugin-link.js'
export { type ServicePlugin, type ServicePluginDeps, servicePlugin } from './service-plugin.js'
