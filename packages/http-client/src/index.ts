/**
 * Sends ILP packets to peers over HTTP (RFC 35): pooled HTTP/1.1 connections, or HTTP/2.
 *
 * @module
 */
export type { HttpClientCallbacks } from './callbacks.js'
export {
  type HttpClient,
  type HttpClientAccount,
  type HttpClientDeps,
  type HttpMode,
  httpClient,
} from './http-client.js'
export type { HttpLinkStats } from './link-record.js'
export { type ClientTls, HTTP_CLIENT_DEFAULTS, type HttpClientOptions } from './options.js'
