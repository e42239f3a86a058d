import { isAddress } from '@ilp/service-core'

/** Whom to pay. */
export interface SpspAnswer {
  /** The receiver's ILP address: SPSP's `destination_account`. */
  readonly destinationAddress: string
  /** 32 octets, made for this query: SPSP's `shared_secret`. */
  readonly sharedSecret: Buffer
  /** Whether the receiver will give receipts (RFC 39). */
  readonly receiptsEnabled: boolean
  /** How long the endpoint lets the answer be used for further connections; 0 for once. */
  readonly maxAgeMs: number
  /**
   * Who was asked, in turn: first what the payment pointer says, last who gave this answer. Whoever pays has to be
   * able to check the hosts of both (RFC 26).
   */
  readonly hops: readonly [URL, ...URL[]]
}

/** The media types that a query asks for. */
export const ACCEPT = 'application/spsp4+json, application/spsp+json'

const TYPE = /^application\/spsp4?\+json\s*(;|$)/i

/** 32 octets in base64 or base64url. RFC 9 has them padded; not all who send base64url do that. */
const SECRET = /^[\w+/-]{43}=?$/

/** Longer times are read as this (RFC 9111 section 1.2.2). */
const MAX_AGE_S_MAX = 2 ** 31

/** What an endpoint has answered; undefined when that is not SPSP. Fields that aren't known are ignored. */
export function parseAnswer(
  contentType: string,
  cacheControl: string,
  body: string,
): Omit<SpspAnswer, 'hops'> | undefined {
  if (!TYPE.test(contentType)) return undefined
  const {
    destination_account: destinationAddress,
    shared_secret: secret,
    receipts_enabled: receiptsEnabled,
  } = objectOf(body)
  if (typeof destinationAddress !== 'string' || !isAddress(destinationAddress)) return undefined
  if (typeof secret !== 'string' || !SECRET.test(secret)) return undefined
  return {
    destinationAddress,
    sharedSecret: Buffer.from(secret, 'base64'),
    receiptsEnabled: receiptsEnabled === true,
    maxAgeMs: maxAgeMsOf(cacheControl),
  }
}

interface AnswerBody {
  readonly destination_account?: unknown
  readonly shared_secret?: unknown
  readonly receipts_enabled?: unknown
}

/** The fields of the object that the text is; none when it is anything else. */
function objectOf(text: string): AnswerBody {
  try {
    return (JSON.parse(text) as AnswerBody | null) ?? {}
  } catch {
    return {}
  }
}

/** RFC 9 knows two directives; another, `no-store`, says no less than `no-cache`. */
function maxAgeMsOf(cacheControl: string): number {
  const directives = cacheControl
    .toLowerCase()
    .split(',')
    .map(directive => directive.trim())
  if (directives.includes('no-cache') || directives.includes('no-store')) return 0
  const [, seconds] = directives.map(directive => /^max-age=(\d+)$/.exec(directive)).find(Boolean) ?? []
  return Math.min(Number(seconds ?? 0), MAX_AGE_S_MAX) * 1_000
}
