import type { KeyObject } from 'node:crypto'
import { createListener, type HttpResponse, type ListenerOptions, type Tls } from '@ilp/listener'
import { SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import type { Scheme } from '../src/index.js'

/** A listener that answers with the account that a scheme takes a request for. */
export async function startServer(scheme: Scheme, tls?: Tls, options: Partial<ListenerOptions> = {}) {
  const listener = createListener({ host: '127.0.0.1', port: 0, ...(tls && { tls }) }, options)
  const answer = (response: HttpResponse, account: string | undefined) => {
    response.writeHead(200)
    response.end(account ?? 'nobody')
  }
  listener.handle('GET', '/', (request, response) => {
    const account = scheme.authenticate(request)
    if (account instanceof Promise) void account.then(known => answer(response, known))
    else answer(response, account)
  })
  await scheme.start?.()
  await listener.start()
  onTestFinished(async () => {
    await listener.stop()
    await scheme.stop?.()
  })
  return {
    url: listener.url(),
    /** Who a request with this Authorization is from. */
    whoIs: async (authorization?: string): Promise<string> => {
      const response = await fetch(listener.url(), { headers: authorization ? { authorization } : {} })
      return response.text()
    },
  }
}

export interface Signed {
  readonly algorithm: string
  readonly key: KeyObject | Uint8Array
  readonly keyId?: string
  readonly claims?: Readonly<Record<string, unknown>>
  /** Relative, such as `10m`; undefined for none. */
  readonly expires?: string | undefined
}

export function sign({ algorithm, key, keyId, claims = {}, ...rest }: Signed): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: algorithm, ...(keyId && { kid: keyId }) })
  const expires = 'expires' in rest ? rest.expires : '10m'
  if (expires !== undefined) token.setExpirationTime(expires)
  return token.sign(key)
}
