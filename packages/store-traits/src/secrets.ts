import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** What keeps tokens from being read out of a backend. All keys derive from the node's secret. */
export interface Secrets {
  /** The keyed hash under which an incoming token is stored. */
  readonly hashToken: (token: string) => string
  /** The hashes under which a token may have been stored: under the current secret, then under the former ones. */
  readonly tokenHashes: (token: string) => readonly string[]
  /** Encrypts an outgoing token (AES-256-GCM); `context` ties it to the place where it is stored. */
  readonly seal: (text: string, context: string) => string
  /**
   * Decrypts what `seal` made, under the current secret or a former one.
   * @throws Error when it was made under none of them, for another context, or has been changed
   */
  readonly open: (sealed: string, context: string) => string
}

const IV_LENGTH = 12
const TAG_LENGTH = 16
const SEED_LENGTH = 32

interface Keys {
  readonly id: string
  readonly hashing: Buffer
  readonly sealing: Buffer
}

function deriveKeys(seed: Uint8Array): Keys {
  if (seed.length !== SEED_LENGTH) throw new RangeError(`a node's secret has ${SEED_LENGTH} octets`)
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', seed, '', `ilp store ${purpose}`, length))
  return {
    id: derive('key id', 6).toString('base64url'),
    hashing: derive('token hashes', 32),
    sealing: derive('token encryption', 32),
  }
}

/**
 * @param seed the node's secret, 32 octets
 * @param former secrets that the node had before: what was stored under them stays readable
 */
export function createSecrets(seed: Uint8Array, former: readonly Uint8Array[] = []): Secrets {
  const current = deriveKeys(seed)
  const all = [current, ...former.map(deriveKeys)]
  const hash = (keys: Keys, token: string) =>
    `${keys.id}.${createHmac('sha256', keys.hashing).update(token).digest('base64url')}`
  return {
    hashToken: token => hash(current, token),
    tokenHashes: token => all.map(keys => hash(keys, token)),
    seal: (text, context) => {
      const iv = randomBytes(IV_LENGTH)
      const cipher = createCipheriv('aes-256-gcm', current.sealing, iv).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${current.id}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open: (sealed, context) => {
      const [id, body] = sealed.split('.')
      const keys = all.find(candidate => candidate.id === id)
      if (!keys || !body) throw new Error('sealed under a secret that this node does not have')
      const bytes = Buffer.from(body, 'base64url')
      const iv = bytes.subarray(0, IV_LENGTH)
      const decipher = createDecipheriv('aes-256-gcm', keys.sealing, iv, { authTagLength: TAG_LENGTH })
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(IV_LENGTH, IV_LENGTH + TAG_LENGTH))
      return (
        decipher.update(bytes.subarray(IV_LENGTH + TAG_LENGTH), undefined, 'utf8') + decipher.final('utf8')
      )
    },
  }
}
