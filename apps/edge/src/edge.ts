import { balance } from '@ilp/balance'
import { expiry } from '@ilp/expiry'
import { bearerTokens } from '@ilp/http-auth'
import { httpClient } from '@ilp/http-client'
import { httpServer } from '@ilp/http-server'
import { ildcp } from '@ilp/ildcp'
import { inFlight } from '@ilp/in-flight'
import { createListener } from '@ilp/listener'
import { maxPacketAmount } from '@ilp/max-packet-amount'
import { incomingRateLimit } from '@ilp/rate-limit'
import { createRoutingTable, router } from '@ilp/router'
import {
  accountId,
  type Disposable,
  errorBoundary,
  type IncomingRequest,
  type Logger,
  type OutgoingRequest,
  sequence,
  stack,
} from '@ilp/service-core'
import { createMemoryStore } from '@ilp/store-memory'
import { createLedger, createSecrets, type Journal, type Store } from '@ilp/store-traits'
import { unreachable } from '@ilp/unreachable'
import { incomingValidator, outgoingValidator } from '@ilp/validator'
import { type EdgeAccount, enter, upstreamOf } from './accounts.js'
import type { EdgeOptions } from './options.js'

export interface EdgeDeps {
  readonly logger: Logger
  /** Keeps the balances; in memory unless given. It belongs to the edge, which starts and stops it. */
  readonly books?: Pick<Store, 'ledger' | 'start' | 'stop'>
  /** Where bookings wait that `books` could not take in time; without one they are logged. */
  readonly journal?: Journal
}

export interface Edge extends Disposable {
  /** Where it listens, once it has started: packets at `/ilp` and `/accounts/{username}/ilp`. */
  readonly url: () => string
}

/**
 * Customers before it, one connector behind it, HTTP on both sides, one asset: packets for a customer go there, all
 * others to the connector. What each owes is kept here.
 */
export function createEdge(options: EdgeOptions, deps: EdgeDeps): Edge {
  const { ilpAddress, asset } = options
  const store = createMemoryStore<EdgeAccount>({
    secrets: createSecrets(Buffer.from(options.secretSeed, 'hex')),
  })
  const { accounts, credentials } = store
  const { books = store, journal, logger } = deps
  const address = () => ilpAddress
  const addressOf = ({ username }: EdgeAccount) => `${ilpAddress}.${username}`

  const authentication = bearerTokens({ credentials })
  const { authenticate } = authentication
  const listener = createListener({ ...options.listen, logger })
  const ledger = createLedger({ store: books.ledger, journal, logger })
  const table = createRoutingTable()
  const window = inFlight({ address })

  const outgoing = stack<OutgoingRequest<EdgeAccount>>()
    .use(balance({ address, ledger }))
    .use(expiry({ address }))
    .use(outgoingValidator({ address, logger }))
    .use(httpClient({ credentials, address, logger }))
    .around(unreachable({ address }))

  const incoming = stack<IncomingRequest<EdgeAccount>>()
    .use(httpServer({ listener, accounts, authenticate, address, logger }))
    .use(errorBoundary({ address, logger }))
    .use(window)
    .use(incomingValidator({ address }))
    .use(incomingRateLimit({ address }))
    .use(maxPacketAmount({ address }))
    .use(ildcp<EdgeAccount>({ address, addressOf }))
    .route(router({ table, accounts, address }))
    .around(outgoing)

  const open = async () => {
    table.put('', await enter(upstreamOf(options), 'parent', asset, store))
    // Addresses of no customer must not go to the connector, which would send them back.
    table.put(ilpAddress, accountId('self'))
    for (const customer of options.accounts) {
      table.put(`${ilpAddress}.${customer.username}`, await enter(customer, 'child', asset, store))
    }
  }
  const parts = sequence([
    store,
    { start: open },
    books,
    ledger,
    authentication,
    incoming,
    listener,
    // Stopped first: packets in flight end before anything closes.
    { stop: window.drain },
  ])

  return { ...parts, url: listener.url }
}
