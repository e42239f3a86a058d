import type { Callbacks } from '@ilp/http-callback'
import type { Authenticate, Listener } from '@ilp/listener'
import {
  type Account,
  type AccountId,
  type IncomingRequest,
  type Logger,
  lifecycle,
  type Middleware,
} from '@ilp/service-core'
import { HttpEndpoint } from './endpoint.js'
import { checkOptions, HTTP_SERVER_DEFAULTS, type HttpServerOptions } from './options.js'

export interface HttpServerAccount extends Account {
  /** The account's name in the path `/accounts/{username}/ilp`. */
  readonly username: string
  /** May hold what other services read, and nothing for this one: hence the `object`. */
  readonly http?:
    | (object & {
        /**
         * Where the peer may have answers posted: here, or below. Without it, its packets are answered in the response.
         */
        readonly callbackUrl?: string | undefined
      })
    | undefined
}

export interface HttpServerDeps<A extends HttpServerAccount> {
  readonly listener: Pick<Listener, 'handle'>
  readonly accounts: { readonly get: (id: AccountId) => A | undefined }
  /** Says which account a request comes from. */
  readonly authenticate: Authenticate
  /** Posts answers. Without it, all packets are answered in the response. */
  readonly callbacks?: Pick<Callbacks, 'post'>
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger?: Logger
}

/**
 * Takes packets that peers post (RFC 35) and passes them on with the account that they came from. They are answered
 * in the response, or by callback where a peer asks for it and has a callback URL. From `start` to `stop` it serves
 * `POST /ilp` and `POST /accounts/{username}/ilp` on the listener.
 */
export function httpServer<A extends HttpServerAccount>(
  deps: HttpServerDeps<A>,
  options: Partial<HttpServerOptions> = {},
): Middleware<IncomingRequest<A>> {
  const limits = checkOptions({ ...HTTP_SERVER_DEFAULTS, ...options })
  return inner => {
    const endpoint = new HttpEndpoint(deps, limits, inner)
    const { start, stop } = lifecycle({ start: () => endpoint.start(), stop: () => endpoint.stop() })
    return { ready: inner.ready, call: inner.call, start, stop }
  }
}
