/**
 * Takes ILP packets over HTTP (RFC 35) and passes them on to the chain with the account that they came from.
 *
 * @module
 */
export { type HttpServerAccount, type HttpServerDeps, httpServer } from './http-server.js'
export { HTTP_SERVER_DEFAULTS, type HttpServerOptions } from './options.js'
