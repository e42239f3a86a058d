/** The media type of SPSP with STREAM (RFC 9), which answers have. */
export const SPSP4 = 'application/spsp4+json'

const ACCEPTABLE = new Set([SPSP4, 'application/spsp+json', 'application/*', '*/*'])

const isRefused = (parameter: string): boolean => /^\s*q=0(\.0*)?\s*$/i.test(parameter)

/** Whether a client that sent this Accept header takes SPSP: RFC 9's type, or the older name. Without one, it does. */
export function acceptsSpsp(accept: string | undefined): boolean {
  if (accept === undefined) return true
  return accept.split(',').some(range => {
    const [type = '', ...parameters] = range.split(';')
    return ACCEPTABLE.has(type.trim().toLowerCase()) && !parameters.some(isRefused)
  })
}
