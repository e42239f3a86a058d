/** The longest URL that is asked, and the longest payment pointer, in characters. */
const LENGTH_MAX = 2_048

/** Where a payment pointer without a path leads (RFC 26). */
const WELL_KNOWN = '/.well-known/pay'

/** `"$" host path-abempty` of RFC 3986, but for percent signs in the host: no name on the internet has any. */
const POINTER = /^\$([\w.-]+|\[[\da-f:.]+\])((?:\/(?:[\w.~!$&'()*+,;=:@-]|%[\da-f]{2})*)*)$/i

/** Visible ASCII, and no backslash: URL parsers drop, change or reinterpret the rest. */
const PLAIN_URL = /^https?:\/\/[!-[\]-~]+$/i

/**
 * The URL of a payment pointer's endpoint (RFC 26); undefined for anything but a payment pointer. One that says
 * something else than where it leads is none: `$127.1`, `$example.com/a/../b`, letters beyond ASCII.
 */
export function resolvePointer(pointer: string): URL | undefined {
  if (pointer.length > LENGTH_MAX) return undefined
  const [, host, path] = POINTER.exec(pointer) ?? []
  if (host === undefined || path === undefined) return undefined
  const text = `https://${host.toLowerCase()}${path === '' || path === '/' ? WELL_KNOWN : path}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.href === text ? url : undefined
}

/** The URL of an endpoint that is given as such; undefined for one that may not be asked. */
export const parseEndpoint = (text: string, allowHttp: boolean): URL | undefined =>
  PLAIN_URL.test(text) ? parseHop(text, undefined, allowHttp) : undefined

/** Where a redirect leads; undefined if nobody may go there. */
export function parseHop(text: string, base: string | undefined, allowHttp: boolean): URL | undefined {
  if (text.length > LENGTH_MAX || !URL.canParse(text, base)) return undefined
  const url = new URL(text, base)
  const isSecure = url.protocol === 'https:' || (allowHttp && url.protocol === 'http:')
  // What stands before an @ looks like a host, and isn't one.
  if (!isSecure || url.username !== '' || url.password !== '') return undefined
  // It is not sent.
  url.hash = ''
  return url
}
