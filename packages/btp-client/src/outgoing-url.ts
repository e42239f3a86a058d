/** Where to dial, and as whom. */
export interface OutgoingUrl {
  readonly url: URL
  /** For peers that want an `auth_username`. */
  readonly username: string | undefined
}

/**
 * Reads an account's outgoing URL: `ws:` or `wss:`, also with `btp+` before it, as other nodes write it. A user name
 * in it is the one to authenticate with. Undefined for anything else, and for one that holds a password: tokens
 * belong with the credentials.
 */
export function parseOutgoingUrl(text: string): OutgoingUrl | undefined {
  const address = text.replace(/^btp\+/i, '')
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  if (!['ws:', 'wss:'].includes(url.protocol) || url.password !== '' || url.hash !== '') return undefined
  const username = decode(url.username)
  if (username === undefined) return undefined
  url.username = ''
  return { url, username: username === '' ? undefined : username }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
