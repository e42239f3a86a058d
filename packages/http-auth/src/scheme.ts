import type { Authenticate, HttpRequest } from '@ilp/listener'
import { type Disposable, type Lifecycle, sequence } from '@ilp/service-core'

/** One way for a request to say whose it is. */
export interface Scheme extends Partial<Lifecycle> {
  readonly authenticate: Authenticate
}

/** Asks one scheme after another, until one knows the request. Starts and stops them. */
export function firstOf(schemes: readonly Scheme[]): Scheme & Disposable {
  const askFrom = (first: number, request: HttpRequest): ReturnType<Authenticate> => {
    for (let i = first; i < schemes.length; i++) {
      const account = schemes[i]?.authenticate(request)
      if (account instanceof Promise) return account.then(known => known ?? askFrom(i + 1, request))
      if (account !== undefined) return account
    }
    return undefined
  }
  return { ...sequence(schemes), authenticate: request => askFrom(0, request) }
}
