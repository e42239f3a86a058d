/**
 * Posts ILP answers to callback URLs until peers have them (RFC 35, asynchronous forms).
 *
 * @module
 */
export {
  type Callback,
  type CallbackOutcome,
  type Callbacks,
  type CallbacksDeps,
  createCallbacks,
} from './callbacks.js'
export { CALLBACKS_DEFAULTS, type CallbacksOptions, type CallbackTls } from './options.js'
