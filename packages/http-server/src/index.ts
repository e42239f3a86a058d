/**
 * Takes ILP packets over HTTP (RFC 35) and passes them on to the chain with the account that they came from.
 *
 * @module
 */
export {
  HTTP_SERVER_DEFAULTS,
  type HttpServerAccount,
  type HttpServerDeps,
  type HttpServerOptions,
  httpServer,
} from './http-server.js'
