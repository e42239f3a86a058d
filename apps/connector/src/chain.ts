import { balance } from '@ilp/balance'
import { btpClient } from '@ilp/btp-client'
import { announcingLinks, type BtpPool } from '@ilp/btp-pool'
import { btpServer } from '@ilp/btp-server'
import { type Ccp, createCcp } from '@ilp/ccp'
import { echo } from '@ilp/echo'
import { exchangeRate } from '@ilp/exchange-rate'
import { expiry } from '@ilp/expiry'
import { type HttpClient, httpClient } from '@ilp/http-client'
import { httpServer } from '@ilp/http-server'
import { ildcp } from '@ilp/ildcp'
import { type InFlight, inFlight } from '@ilp/in-flight'
import { maxPacketAmount } from '@ilp/max-packet-amount'
import { incomingRateLimit, outgoingRateLimit } from '@ilp/rate-limit'
import { router } from '@ilp/router'
import {
  type AccountId,
  errorBoundary,
  type IncomingRequest,
  type OutgoingRequest,
  type Service,
  stack,
} from '@ilp/service-core'
import { settlement } from '@ilp/settlement'
import { streamReceiver } from '@ilp/stream-receiver'
import { unreachable } from '@ilp/unreachable'
import { incomingValidator, type OutgoingValidator, outgoingValidator } from '@ilp/validator'
import { type ConnectorAccount, ownAccount } from './account.js'
import type { Config } from './config/schema.js'
import { disabledAccounts } from './disabled-accounts.js'
import { learnedAddress } from './learned-address.js'
import type { Node } from './node.js'
import { packetSamples } from './packet-samples.js'
import { createPings, type Pings } from './pings.js'
import { receiverOf } from './receivers.js'
import { deriveKey } from './secrets.js'
import { balanceOptions, ccpOptions, STOP_TIMEOUTS } from './terms.js'

type Outgoing = Service<OutgoingRequest<ConnectorAccount>>

/** The services in the order in which a packet meets them: `incoming` up to the router, which ends in `outgoing`. */
export function createChain(config: Config, node: Node) {
  const { store, address, logger, events } = node
  const { accounts } = store
  const { inFlightMax } = config
  const window = inFlight({ address }, { inFlightMax, ...STOP_TIMEOUTS.inFlight })
  const answers = outgoingValidator({
    address,
    logger,
    onLateFulfill: node.reconciliation.lateFulfill,
    watcher: node.telemetry.watchers.outgoing,
  })
  const http = httpLinks(config, node)
  const pings = createPings({ address, accounts, call: request => incoming.call(request) })

  const pool = announcingLinks(node.pool, {
    linkUp: account => {
      learner.linkUp(account)
      ccp.linkUp(account)
      events.link(account, true)
    },
    linkDown: account => {
      if (accounts.get(account)?.http?.outgoingUrl === undefined) ccp.linkDown(account)
      events.link(account, false)
    },
  })
  const outgoing = outgoingChain(config, node, { answers, pings, pool, http })
  const learner = learnedAddress(config, { store, outgoing, logger })
  const ccp = routeManager(config, node, { outgoing, onPeerChanged: learner.peerChanged })
  const incoming = incomingChain(node, { outgoing, ccp, window, pool })
  return { incoming, outgoing, window, answers, pings, learner, ccp, pool, http }
}

interface OutgoingLayers {
  readonly answers: OutgoingValidator
  readonly pings: Pings
  readonly pool: BtpPool
  readonly http: HttpClient
}

function httpLinks({ callbackUrl }: Config, { address, logger, listener, authentication, tls }: Node) {
  const { authenticate } = authentication
  const calledBack = callbackUrl !== undefined && {
    callbacks: { listener, authenticate, url: () => callbackUrl },
  }
  return httpClient(
    { credentials: authentication, address, logger, ...calledBack },
    { tls, ...STOP_TIMEOUTS.httpClient },
  )
}

function outgoingChain(config: Config, node: Node, { answers, pings, pool, http }: OutgoingLayers) {
  const { telemetry, store, address, logger, ledger } = node
  const { accounts, credentials } = store
  const onBooked = (account: { readonly id: AccountId }) => {
    node.settler.booked(account)
    node.events.booked(account)
  }
  return stack<OutgoingRequest<ConnectorAccount>>()
    .use(exchangeRate({ address, rates: node.rates.source }))
    .use(outgoingRateLimit({ address, limits: node.limits }))
    .use(balance({ address, ledger, onBooked }, balanceOptions(config)))
    .use(expiry({ address }, config.expiry))
    .use(telemetry.outgoing)
    .use(answers)
    .use(pings.pongs)
    .use(streamReceiver({ receiverOf: receiverOf(address), credentials: node.streams, logger }))
    .use(btpClient({ pool, accounts, credentials, address, logger }))
    .use(http)
    .around(unreachable({ address }))
}

interface RouteManagerParts {
  readonly outgoing: Outgoing
  readonly onPeerChanged: (account: AccountId) => void
}

const routeManager = (
  config: Config,
  { store, addressOf, enabled, table, logger }: Node,
  parts: RouteManagerParts,
) =>
  createCcp<ConnectorAccount>(
    {
      ...parts,
      ownAccount,
      accounts: enabled,
      address: store.address,
      addressOf,
      staticRoutes: store.routes,
      table,
      secret: deriveKey(config.secretSeed, 'routes'),
      logger,
    },
    ccpOptions(config),
  )

interface IncomingLayers {
  readonly outgoing: Outgoing
  readonly ccp: Ccp<ConnectorAccount>
  readonly window: InFlight
  readonly pool: BtpPool
}

function incomingChain(node: Node, { outgoing, ccp, window, pool }: IncomingLayers) {
  const { telemetry, store, address, addressOf, enabled, events, logger, listener, callbacks } = node
  const { table, limits, engines } = node
  const { accounts, credentials } = store
  const { authenticate } = node.authentication
  const http = { listener, accounts, authenticate, callbacks, address, logger }
  return stack<IncomingRequest<ConnectorAccount>>()
    .use(httpServer(http, STOP_TIMEOUTS.httpServer))
    .use(btpServer({ listener, pool, accounts, credentials, address, logger }))
    .use(telemetry.incoming)
    .use(packetSamples({ events, table, accounts }))
    .use(errorBoundary({ address, logger, watcher: telemetry.watchers.incoming }))
    .use(disabledAccounts({ address }))
    .use(window)
    .use(incomingValidator({ address }))
    .use(incomingRateLimit({ address, limits }))
    .use(maxPacketAmount({ address }))
    .use(ildcp<ConnectorAccount>({ address, addressOf }))
    .use(settlement({ engines }))
    .use(ccp.middleware)
    .use(echo({ address, table, accounts, outgoing }))
    .route(router({ table, accounts: enabled, address }))
    .around(outgoing)
}
