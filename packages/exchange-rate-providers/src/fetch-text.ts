import { RatesError } from './provider.js'

/** Octets of the longest answer that is read. The largest provider's has about a million. */
const BODY_BYTES_MAX = 4_194_304

/** How long a provider has for its whole answer. */
const TIMEOUT_MS = 10_000

/**
 * The body of the page. Redirects are not followed.
 * @throws RatesError ERR_RATES_UNAVAILABLE without one, ERR_RATES_UNREADABLE when it is too long
 */
export async function fetchText(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new RatesError('ERR_RATES_UNAVAILABLE', `${originOf(url)} answered ${response.status}`)
    }
    return await bodyOf(response)
  } catch (cause) {
    if (cause instanceof RatesError) throw cause
    throw new RatesError('ERR_RATES_UNAVAILABLE', `${originOf(url)} does not answer`, { cause })
  }
}

async function bodyOf({ body, url }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > BODY_BYTES_MAX) {
      throw new RatesError('ERR_RATES_UNREADABLE', `${originOf(url)} answered with too much`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What may be logged of a URL: the rest can hold a key. */
const originOf = (url: string): string => new URL(url).origin
