import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { url } from './values.js'

const text = z.string().min(1).max(1_024)

const secret = z.string().min(32, 'expected 32 characters or more').max(1_024)
const claims = { subject: text.optional(), issuer: text.optional(), audience: text.optional() }

/** The tokens that a peer signs itself. */
const incomingJwt = z.discriminatedUnion('algorithm', [
  z.strictObject({
    algorithm: z.literal('HS256'),
    secret,
    ...claims,
  }),
  z.strictObject({ algorithm: z.literal('RS256'), jwksUrl: url(['https', 'http']), ...claims }),
  z.strictObject({
    algorithm: z.literal('EdDSA'),
    publicKey: z
      .string()
      .refine(pem => keyType(createPublicKey, pem) === 'ed25519', 'expected an Ed25519 public key in PEM'),
    ...claims,
  }),
])

const minted = { ...claims, subject: text, keyId: text.optional() }

/** The tokens that this node signs itself. */
const outgoingJwt = z.discriminatedUnion('algorithm', [
  z.strictObject({ algorithm: z.literal('HS256'), secret, ...minted }),
  z.strictObject({
    algorithm: z.literal('RS256'),
    privateKey: z.string().refine(isRsa, 'expected an RSA private key of 2048 bits or more in PEM'),
    ...minted,
  }),
  z.strictObject({
    algorithm: z.literal('EdDSA'),
    privateKey: z
      .string()
      .refine(pem => keyType(createPrivateKey, pem) === 'ed25519', 'expected an Ed25519 private key in PEM'),
    ...minted,
  }),
])

function keyOf(read: (pem: string) => KeyObject, pem: string): KeyObject | undefined {
  try {
    return read(pem)
  } catch {
    return undefined
  }
}

const keyType = (...of: Parameters<typeof keyOf>) => keyOf(...of)?.asymmetricKeyType

function isRsa(pem: string): boolean {
  const key = keyOf(createPrivateKey, pem)
  return key?.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048
}

const certificate = z.union([
  z.strictObject({
    fingerprint: z
      .string()
      .regex(/^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/, 'expected SHA-256 in 64 hexadecimal digits'),
  }),
  z.strictObject({ subject: text }),
])

/** An account's link over HTTP, as the file and the admin API write it. */
export const httpLink = (token: z.ZodString) =>
  z.strictObject({
    incomingTokens: z.array(token).max(16).default([]),
    incomingCertificates: z.array(certificate).max(16).default([]),
    callbackUrl: url(['http', 'https']).optional(),
    outgoing: outgoing(token).optional(),
  })

const outgoing = (token: z.ZodString) =>
  z.strictObject({
    url: url(['http', 'https']),
    token: token.optional(),
    mode: z.enum(['sync', 'respond-async', 'async']).default('sync'),
  })

/** As the file alone writes it, which is where the keys of tokens are kept. */
export const httpLinkInFile = (token: z.ZodString) =>
  httpLink(token).extend({
    incomingJwt: incomingJwt.optional(),
    outgoing: outgoing(token).extend({ jwt: outgoingJwt.optional() }).optional(),
  })

/** The same for certificates that are the same, however they are written. */
export const certificateName = (entry: z.output<typeof certificate>): string =>
  'subject' in entry ? entry.subject : entry.fingerprint.replaceAll(':', '').toLowerCase()

interface Settings {
  readonly tls?: { readonly clientCa?: string | undefined } | undefined
  readonly callbackUrl?: string | undefined
  readonly accounts: readonly {
    readonly username: string
    readonly http?: z.output<ReturnType<typeof httpLinkInFile>> | undefined
  }[]
}

/** What of the links over HTTP doesn't go together, each part being as it should. */
export function httpFaults(
  settings: Settings,
): readonly { readonly path: (string | number)[]; readonly message: string }[] {
  const found: { path: (string | number)[]; message: string }[] = []
  const owners = new Map<string, number>()
  settings.accounts.forEach(({ username, http }, index) => {
    const refuse = (path: (string | number)[], message: string) =>
      found.push({ path: ['accounts', index, 'http', ...path], message })
    const own = (name: string, path: (string | number)[], what: string) => {
      const owner = owners.get(name)
      if (owner !== undefined && owner !== index) refuse(path, `accounts[${owner}] has this ${what} already`)
      owners.set(name, index)
    }
    if (http?.outgoing?.jwt && http.outgoing.token !== undefined)
      refuse(['outgoing', 'token'], 'expected none, since jwt is set')
    if (http?.outgoing && http.outgoing.mode !== 'sync' && settings.callbackUrl === undefined)
      refuse(['outgoing', 'mode'], 'expected sync, unless callbackUrl of the node is set')
    http?.incomingCertificates.forEach((entry, at) => {
      const path = ['incomingCertificates', at]
      if (!settings.tls) refuse(path, 'expected none, unless tls is set')
      else if ('subject' in entry && settings.tls.clientCa === undefined)
        refuse(path, 'expected a fingerprint, unless tls.clientCa is set')
      own(`certificate ${certificateName(entry)}`, path, 'certificate')
    })
    if (http?.incomingJwt) {
      const { subject = username, issuer = '' } = http.incomingJwt
      own(`token ${JSON.stringify([subject, issuer])}`, ['incomingJwt'], 'subject and issuer')
    }
  })
  return found
}
