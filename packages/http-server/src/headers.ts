/** The media type of ILP packets (RFC 35), which answers have as well. */
export const OCTET_STREAM = 'application/octet-stream'

const ACCEPTED = new Set([OCTET_STREAM, 'application/ilp+octet-stream'])

/** Whether a Content-Type is one that packets come in: RFC 35's, or the older one that some peers send. */
export function isPacketType(contentType: string | undefined): boolean {
  if (contentType === OCTET_STREAM) return true
  const [type = ''] = contentType?.split(';') ?? []
  return ACCEPTED.has(type.trim().toLowerCase())
}

const SCHEME = 'bearer '

/** The token of an Authorization header (RFC 6750); undefined when there is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization?.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined
  return authorization.slice(SCHEME.length).trim() || undefined
}
