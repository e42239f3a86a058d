/**
 * One HTTP listener that several services share: routes by method and path, WebSocket upgrades, limits, and a stop
 * that lets the requests under way be answered. HTTP/1.1, and with TLS also HTTP/2.
 *
 * @module
 */
export { type BodyReader, readBody } from './body.js'
export type {
  Authenticate,
  HttpRequest,
  HttpResponse,
  Params,
  RequestHandler,
  UpgradeHandler,
} from './http.js'
export { createListener, type Endpoint, type Listener } from './listener.js'
export { LISTENER_DEFAULTS, type ListenerOptions } from './options.js'
export { problem } from './problem.js'
export type { ClientCertificates, Tls } from './server.js'
