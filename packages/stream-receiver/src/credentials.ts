import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { isAddress } from '@ilp/service-core'
import { RECEIPT_NONCE_LENGTH, RECEIPT_SECRET_LENGTH } from '@ilp/stream-packet'

/** Octets of the server's secret. */
export const SERVER_SECRET_LENGTH = 32

/** Octets that a tag can have, in UTF-8. */
export const TAG_LENGTH_MAX = 255

/** What a verifier asks receipts for (RFC 39). */
export interface ReceiptSetup {
  /** 16 octets, by which the verifier knows the connection. */
  readonly nonce: Uint8Array
  /** 32 octets that the receiver and the verifier share. The sender never learns them. */
  readonly secret: Uint8Array
}

/** What comes with a connection, from the one who asked for its credentials to the packets that use them. */
export interface ConnectionTerms {
  /** The application's own, told with all money that comes; at most 255 octets of UTF-8. Hidden from the sender. */
  readonly tag?: string
  readonly receipts?: ReceiptSetup
}

/** What a sender needs to pay: SPSP's `destination_account` and `shared_secret`. */
export interface Credentials {
  readonly destinationAccount: string
  /** 32 octets, for this sender alone. */
  readonly sharedSecret: Buffer
  /** Whether receipts were asked for, and will be issued. */
  readonly receiptsEnabled?: boolean
}

/** The terms and the shared secret of a connection, out of the address that a packet goes to. */
export interface OpenedCredentials extends ConnectionTerms, Credentials {}

/**
 * Credentials of connections, derived from one secret: none of them is stored, and whoever has the secret can issue
 * them for the receiver.
 */
export interface StreamCredentials {
  /**
   * New credentials, other ones each time.
   * @param address the receiver's ILP address; the account that the sender pays lies one segment below
   * @throws RangeError when the tag, the nonce or the secret has a wrong length, or when all of it is too long for
   *   an ILP address
   */
  readonly issue: (address: string, terms?: ConnectionTerms) => Credentials
  /**
   * What was issued for this receiver under this account. Undefined for anything else, also for the account of
   * another receiver.
   */
  readonly open: (address: string, destinationAccount: string) => OpenedCredentials | undefined
}

const ALGORITHM = 'aes-256-gcm'
const SALT_LENGTH = 16
const AUTH_TAG_LENGTH = 16
/** Every token has a key of its own, which encrypts once. */
const IV = Buffer.alloc(12)

const RECEIPTS = 1
const TAG = 2

const hmac = (key: Uint8Array, message: Uint8Array | string): Buffer =>
  createHmac('sha256', key).update(message).digest()

/**
 * A token is what stands behind the receiver's address: salt, authentication tag, and the terms encrypted. The shared
 * secret is a keyed hash of the whole account, so that a token is good for one receiver and in one spelling.
 * @param serverSecret 32 octets
 */
export function streamCredentials(serverSecret: Uint8Array): StreamCredentials {
  if (serverSecret.length !== SERVER_SECRET_LENGTH) {
    throw new RangeError(`the server's secret has ${serverSecret.length} octets, not ${SERVER_SECRET_LENGTH}`)
  }
  const tokens = hmac(serverSecret, 'ilp stream receiver: tokens')
  const sharedSecrets = hmac(serverSecret, 'ilp stream receiver: shared secrets')
  const withSecret = (destinationAccount: string, { receipts }: ConnectionTerms): Credentials => ({
    destinationAccount,
    sharedSecret: hmac(sharedSecrets, destinationAccount),
    ...(receipts && { receiptsEnabled: true }),
  })
  return {
    issue: (address, terms = {}) => {
      const destinationAccount = `${address}.${seal(tokens, address, encodeTerms(terms)).toString('base64url')}`
      if (!isAddress(destinationAccount)) throw new RangeError(`no account for these terms below ${address}`)
      return withSecret(destinationAccount, terms)
    },
    open: (address, destinationAccount) => {
      if (!destinationAccount.startsWith(`${address}.`)) return undefined
      const token = Buffer.from(destinationAccount.slice(address.length + 1), 'base64url')
      const plain = unseal(tokens, address, token)
      if (!plain) return undefined
      const terms = decodeTerms(plain)
      return { ...withSecret(destinationAccount, terms), ...terms }
    },
  }
}

function seal(key: Buffer, address: string, plain: Buffer): Buffer {
  const salt = randomBytes(SALT_LENGTH)
  const cipher = createCipheriv(ALGORITHM, hmac(key, salt), IV).setAAD(Buffer.from(address))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([salt, cipher.getAuthTag(), body])
}

function unseal(key: Buffer, address: string, token: Buffer): Buffer | undefined {
  if (token.length <= SALT_LENGTH + AUTH_TAG_LENGTH) return undefined
  const salt = token.subarray(0, SALT_LENGTH)
  const decipher = createDecipheriv(ALGORITHM, hmac(key, salt), IV)
  decipher.setAAD(Buffer.from(address)).setAuthTag(token.subarray(SALT_LENGTH, SALT_LENGTH + AUTH_TAG_LENGTH))
  const plain = decipher.update(token.subarray(SALT_LENGTH + AUTH_TAG_LENGTH))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return plain
}

function encodeTerms({ tag, receipts }: ConnectionTerms): Buffer {
  const flags = (receipts ? RECEIPTS : 0) | (tag === undefined ? 0 : TAG)
  const parts: Uint8Array[] = [Buffer.of(flags)]
  if (receipts) {
    expectLength('receipt nonce', receipts.nonce, RECEIPT_NONCE_LENGTH)
    expectLength('receipt secret', receipts.secret, RECEIPT_SECRET_LENGTH)
    parts.push(receipts.nonce, receipts.secret)
  }
  if (tag !== undefined) {
    const octets = Buffer.from(tag)
    if (octets.length > TAG_LENGTH_MAX) throw new RangeError(`tag of more than ${TAG_LENGTH_MAX} octets`)
    parts.push(octets)
  }
  return Buffer.concat(parts)
}

/** What it is given was written by `encodeTerms`. */
function decodeTerms(plain: Buffer): ConnectionTerms {
  const flags = plain[0] as number
  const secretAt = 1 + RECEIPT_NONCE_LENGTH
  const tagAt = flags & RECEIPTS ? secretAt + RECEIPT_SECRET_LENGTH : 1
  return {
    ...(flags & RECEIPTS && {
      receipts: { nonce: plain.subarray(1, secretAt), secret: plain.subarray(secretAt, tagAt) },
    }),
    ...(flags & TAG && { tag: plain.toString('utf8', tagAt) }),
  }
}

function expectLength(what: string, octets: Uint8Array, length: number): void {
  if (octets.length !== length) throw new RangeError(`${what} of ${octets.length} octets, not ${length}`)
}
