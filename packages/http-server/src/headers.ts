/** The media type of ILP packets (RFC 35), which answers have as well. */
export const OCTET_STREAM = 'application/octet-stream'

const ACCEPTED = new Set([OCTET_STREAM, 'application/ilp+octet-stream'])

/** Whether a Content-Type is one that packets come in: RFC 35's, or the older one that some peers send. */
export function isPacketType(contentType: string | undefined): boolean {
  if (contentType === OCTET_STREAM) return true
  const [type = ''] = contentType?.split(';') ?? []
  return ACCEPTED.has(type.trim().toLowerCase())
}

const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:[;,]|$)/i

/** Whether a Prefer header has the preference `respond-async` (RFC 7240). */
export const prefersAsync = (prefer: string | undefined): boolean =>
  prefer !== undefined && RESPOND_ASYNC.test(prefer)

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whether a Request-Id has the form that RFC 35 asks for. Of which version the UUID is doesn't matter here. */
export const isRequestId = (requestId: string): boolean => UUID.test(requestId)
