import { createHmac, timingSafeEqual } from 'node:crypto'

/** The header that a delivery is signed in: `t=1767225600,v1=5257a8…`. */
export const SIGNATURE_HEADER = 'webhook-signature'

/** How far the time of a signature may be from that of the receiver, unless it says. */
const TOLERANCE_MS = 300_000

export interface Signed {
  /** The request's body, as it came. */
  readonly body: string | Uint8Array
  /** The value of the header `Webhook-Signature`. */
  readonly signature: string
  readonly secret: string
}

export interface VerifyOptions {
  readonly toleranceMs?: number
  /** Milliseconds since 1970. */
  readonly nowMs?: number
}

/** What stands in the header: the time in seconds, and HMAC-SHA256 over it, a dot and the body, under the secret. */
export function sign(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000)
  return `t=${seconds},v1=${digest(seconds, body, secret).toString('hex')}`
}

/**
 * Whether the sender knows the secret, and signed just this body a short while ago. For those who receive; in constant
 * time for what the sender chooses.
 */
export function verify({ body, signature, secret }: Signed, options: VerifyOptions = {}): boolean {
  const { toleranceMs = TOLERANCE_MS, nowMs = Date.now() } = options
  const parts = signature.split(',').map(part => part.trim())
  const time = parts.find(part => part.startsWith('t='))?.slice(2) ?? ''
  if (!/^[0-9]{1,12}$/.test(time)) return false
  if (Math.abs(nowMs - Number(time) * 1_000) > toleranceMs) return false
  const expected = digest(Number(time), body, secret)
  // There may be others: of other schemes, or under another secret while one is replaced.
  return parts.some(part => {
    const given = /^v1=([0-9a-f]{64})$/.exec(part)?.[1]
    return given !== undefined && timingSafeEqual(Buffer.from(given, 'hex'), expected)
  })
}

const digest = (seconds: number, body: string | Uint8Array, secret: string): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest()
