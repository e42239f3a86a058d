import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Tls } from '@ilp/listener'
import { ConfigError } from './config/load.js'
import type { Config } from './config/schema.js'

/**
 * The certificate and the key that the configuration holds or names the files of. Clients are asked for certificates
 * where there is an authority for these, or an account that has some.
 * @throws ConfigError when a file can't be read, or the two are not a certificate and its key
 */
export function tlsOf({ tls, accounts }: Config): { tls?: Tls } {
  if (!tls) return {}
  const pair = { cert: pem('tls.cert', tls.cert), key: pem('tls.key', tls.key) }
  const ca = tls.clientCa === undefined ? undefined : pem('tls.clientCa', tls.clientCa)
  check('tls', 'a certificate and its key in PEM', () => createSecureContext(pair))
  if (ca !== undefined) checkAuthority('tls.clientCa', ca)
  const hasCertificates = accounts.some(({ http }) => (http?.incomingCertificates.length ?? 0) > 0)
  return { tls: { ...pair, ...((ca !== undefined || hasCertificates) && { clientCertificates: { ca } }) } }
}

/**
 * What this node presents over HTTPS, and whom it trusts there.
 * @throws ConfigError when a file can't be read, or holds something else
 */
export function outgoingTlsOf({ outgoingTls = {} }: Config): {
  readonly [name in 'ca' | 'cert' | 'key']?: string
} {
  const found: { ca?: string; cert?: string; key?: string } = {}
  for (const name of ['ca', 'cert', 'key'] as const) {
    const value = outgoingTls[name]
    if (value !== undefined) found[name] = pem(`outgoingTls.${name}`, value)
  }
  const { ca, ...pair } = found
  check('outgoingTls', 'a certificate and its key in PEM', () => createSecureContext(pair))
  if (ca !== undefined) checkAuthority('outgoingTls.ca', ca)
  return found
}

/** What is no certificate, a secure context would leave out without a word. */
const checkAuthority = (path: string, ca: string): void =>
  check(path, 'certificates in PEM', () => new X509Certificate(ca))

function check(path: string, expected: string, attempt: () => unknown): void {
  try {
    attempt()
  } catch (error) {
    throw ConfigError.of([{ path, message: `expected ${expected}: ${(error as Error).message}` }])
  }
}

function pem(path: string, value: string): string {
  if (value.startsWith('-----BEGIN')) return value
  try {
    return readFileSync(value, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw ConfigError.of([{ path, message: `${value} can't be read: ${code}` }])
  }
}
