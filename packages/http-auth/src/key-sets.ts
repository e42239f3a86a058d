import type { Logger } from '@ilp/service-core'
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'

export interface KeySetsOptions {
  /** How long fetching a key set may take. */
  readonly jwksTimeoutMs: number
  /** The largest key set that is read. */
  readonly jwksBytesMax: number
  /** How long a key set is used before it is fetched again. */
  readonly jwksMaxAgeMs: number
  /** The least time between two fetches for keys that the set doesn't have, and after a fetch that failed. */
  readonly jwksRetryMs: number
}

/** The key set at a URL (RFC 7517): fetched when it is needed, and again when it is old or lacks a key. */
export function keySet(url: string, options: KeySetsOptions, logger: Logger): JWTVerifyGetKey {
  const { jwksTimeoutMs, jwksBytesMax, jwksMaxAgeMs, jwksRetryMs } = options
  let failedAtMs = Number.NEGATIVE_INFINITY
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: jwksTimeoutMs,
    cacheMaxAge: jwksMaxAgeMs,
    cooldownDuration: jwksRetryMs,
    [customFetch]: async (target, init) => {
      // Whoever sends tokens must not make us fetch at their pace.
      if (Date.now() < failedAtMs + jwksRetryMs) throw new Error('the key set could not be fetched')
      try {
        return await fetchAtMost(jwksBytesMax, target, init)
      } catch (err) {
        failedAtMs = Date.now()
        logger.warn({ url, err }, 'a JSON Web Key Set could not be fetched')
        throw err
      }
    },
  })
}

/** @throws Error for another status than 200, and for more than `bytesMax` */
async function fetchAtMost(bytesMax: number, url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel()
    throw new Error(`answered with status ${response.status}`)
  }
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body) {
    length += piece.length
    // Leaving the loop cancels the rest.
    if (length > bytesMax) throw new Error(`has more than ${bytesMax} octets`)
    pieces.push(piece)
  }
  return new Response(Buffer.concat(pieces))
}
