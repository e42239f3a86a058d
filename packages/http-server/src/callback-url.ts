const LENGTH_MAX = 2_048

/** An encoded slash, backslash or dot, which some servers decode before they resolve `..`. */
const DISGUISED = /%(?:2f|5c|2e)/i

/**
 * Whether answers may be posted to `url` where `allowed` is: it is the same URL, or one below it (the same origin, and
 * a path that goes on behind a slash). Whatever a peer asks for, nothing is posted to another host or another service.
 */
export function isAllowedCallback(url: string, allowed: string): boolean {
  if (url === allowed) return true
  if (url.length > LENGTH_MAX || !URL.canParse(url) || !URL.canParse(allowed)) return false
  const [asked, base] = [new URL(url), new URL(allowed)]
  if (asked.origin !== base.origin || asked.username !== '' || asked.password !== '' || asked.hash !== '')
    return false
  if (DISGUISED.test(asked.pathname)) return false
  return asked.pathname === base.pathname || asked.pathname.startsWith(base.pathname.replace(/\/*$/, '/'))
}
