import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Tls } from '@ilp/listener'
import { ConfigError } from './config/load.js'
import type { Config } from './config/schema.js'

/**
 * The certificate and the key that the configuration holds or names the files of.
 * @throws ConfigError when a file can't be read, or the two are not a certificate and its key
 */
export function tlsOf({ tls }: Config): { tls?: Tls } {
  if (!tls) return {}
  const pair = { cert: pem('cert', tls.cert), key: pem('key', tls.key) }
  try {
    createSecureContext(pair)
  } catch (error) {
    throw new ConfigError(`tls: expected a certificate and its key in PEM: ${(error as Error).message}`)
  }
  return { tls: pair }
}

function pem(name: keyof Tls, value: string): string {
  if (value.startsWith('-----BEGIN')) return value
  try {
    return readFileSync(value, 'utf8')
  } catch (error) {
    throw new ConfigError(`tls.${name}: ${value} can't be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}
