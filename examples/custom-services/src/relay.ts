import { bearerTokens } from '@ilp/http-auth'
import { type HttpClientAccount, httpClient } from '@ilp/http-client'
import { httpServer } from '@ilp/http-server'
import { createListener } from '@ilp/listener'
import { type RoutingTable, router } from '@ilp/router'
import {
  type Disposable,
  errorBoundary,
  type IncomingRequest,
  type Logger,
  type OutgoingRequest,
  sequence,
  stack,
} from '@ilp/service-core'
import type { Store, StoredAccount } from '@ilp/store-traits'
import { unreachable } from '@ilp/unreachable'
import { incomingValidator, outgoingValidator } from '@ilp/validator'
import { type AllowListStore, allowList } from './allow-list.js'
import { slowPackets } from './slow-packets.js'

/** What the services of this chain read of an account. */
export type RelayAccount = StoredAccount & HttpClientAccount

export interface RelayDeps {
  /** Whoever made it starts it before the relay, and stops it behind. */
  readonly store: Pick<Store<RelayAccount>, 'accounts' | 'credentials'>
  readonly table: RoutingTable
  readonly lists: AllowListStore
  /** This node's ILP address. */
  readonly address: () => string
  readonly logger: Logger
}

export interface Relay extends Disposable {
  /** Where it takes packets, once it has started. */
  readonly url: () => string
}

/** Passes packets on over HTTP, between accounts that need no balances. */
export function createRelay({ store, table, lists, address, logger }: RelayDeps): Relay {
  const { accounts, credentials } = store
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  const tokens = bearerTokens({ credentials })
  const { authenticate } = tokens

  const outgoing = stack<OutgoingRequest<RelayAccount>>()
    .use(slowPackets({ logger }, { slowMs: 500 }))
    .use(outgoingValidator({ address, logger }))
    .use(httpClient({ credentials, address, logger }))
    .around(unreachable({ address }))

  const incoming = stack<IncomingRequest<RelayAccount>>()
    .use(httpServer({ listener, accounts, authenticate, address, logger }))
    .use(errorBoundary({ address, logger }))
    .use(incomingValidator({ address }))
    .use(allowList({ address, lists }))
    .route(router({ table, accounts, address }))
    .around(outgoing)

  return { ...sequence([tokens, incoming, listener]), url: listener.url }
}
