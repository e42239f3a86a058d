import { balance } from '@ilp/balance'
import { btpClient } from '@ilp/btp-client'
import { createBtpPool } from '@ilp/btp-pool'
import { btpServer } from '@ilp/btp-server'
import { createCcp } from '@ilp/ccp'
import { echo } from '@ilp/echo'
import { exchangeRate } from '@ilp/exchange-rate'
import { expiry } from '@ilp/expiry'
import { createCallbacks } from '@ilp/http-callback'
import { httpClient } from '@ilp/http-client'
import { httpServer } from '@ilp/http-server'
import { ildcp } from '@ilp/ildcp'
import { inFlight } from '@ilp/in-flight'
import { createListener } from '@ilp/listener'
import { maxPacketAmount } from '@ilp/max-packet-amount'
import { incomingRateLimit, outgoingRateLimit } from '@ilp/rate-limit'
import { createRoutingTable, router } from '@ilp/router'
import {
  type AccountId,
  Deadlines,
  type Disposable,
  errorBoundary,
  type IncomingRequest,
  type Logger,
  lifecycle,
  type OutgoingRequest,
  sequence,
  stack,
} from '@ilp/service-core'
import { createEngineClient, createSettler, settlement } from '@ilp/settlement'
import { spspServer } from '@ilp/spsp-server'
import { createJournal, createLedger, type Ledger, type Store } from '@ilp/store-traits'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { unreachable } from '@ilp/unreachable'
import { incomingValidator, outgoingValidator } from '@ilp/validator'
import { addressOf, type ConnectorAccount, ownAccount } from './account.js'
import { createEvents } from './admin/events.js'
import { adminFace } from './admin-face.js'
import { alertingLog } from './alerting-log.js'
import { announcingLinks } from './announcing-links.js'
import { applyConfig } from './apply-config.js'
import type { Config } from './config/schema.js'
import { disabledAccounts } from './disabled-accounts.js'
import { exchangeRates } from './exchange-rates.js'
import { httpAuthentication } from './http-authentication.js'
import { lateFulfillLog } from './late-fulfill-log.js'
import { learnedAddress } from './learned-address.js'
import { packetSamples } from './packet-samples.js'
import { rateLimits } from './rate-limits.js'
import { credentialsFor, receiverOf } from './receivers.js'
import { deriveKey } from './secrets.js'
import { settlementFace } from './settlement-face.js'
import { storeOf } from './store.js'
import { dialledAccounts, telemetryOf } from './telemetry.js'
import { outgoingTlsOf, tlsOf } from './tls.js'

export interface ConnectorDeps {
  /** One that has a `level`, as pino's does: the admin API can change it. */
  readonly logger: Logger & { level?: string }
  /** In place of the one that the configuration names. */
  readonly store?: Store<ConnectorAccount>
}

export interface Connector extends Disposable {
  /** This node's ILP address; undefined until the parent has told it. */
  readonly address: () => string | undefined
  /** Where it takes ILP over HTTP and BTP, and SPSP queries, once it has started. */
  readonly url: () => string
  /** Where the admin listener is, if the configuration has one. */
  readonly adminUrl: () => string | undefined
  /** Where settlement engines reach it, if the configuration has such a listener. */
  readonly settlementUrl: () => string | undefined
}

/**
 * The reference connector: every service, in the order in which a packet meets them. `stop` refuses new packets, lets
 * those in flight end, and closes, within 30 s.
 */
export function createConnector(
  config: Config,
  { logger: log, store: given = storeOf(config, log) }: ConnectorDeps,
): Connector {
  const telemetry = telemetryOf(config, given)
  const { store } = telemetry
  const { accounts, credentials } = store
  const address = () => store.address.get() ?? ''
  const events = createEvents({ accounts, readBalance: id => store.ledger.readBalance(id) })
  const logger = alertingLog(log, events.alert)
  const journal = config.journalDir === undefined ? undefined : createJournal(config.journalDir)
  const ledger = createLedger({ store: store.ledger, journal, logger }, ledgerOptions(config))
  const listener = createListener({ ...config.listen, ...tlsOf(config), logger }, STOP_TIMEOUTS.listener)
  const authentication = httpAuthentication(config, store, logger)
  const { authenticate } = authentication
  const tls = outgoingTlsOf(config)
  const token = (account: AccountId) => credentials.outgoingToken(account, 'http')
  const callbacks = createCallbacks({ token, logger }, { tls, ...STOP_TIMEOUTS.callbacks })
  const { callbackUrl } = config
  const calledBack = callbackUrl !== undefined && {
    callbacks: { listener, authenticate, url: () => callbackUrl },
  }
  const pool = announcingLinks(
    createBtpPool({ address, logger, deadlines: new Deadlines() }, STOP_TIMEOUTS.pool),
    {
      linkUp: account => {
        learner.linkUp(account)
        ccp.linkUp(account)
        events.link(account, true)
      },
      linkDown: account => {
        if (accounts.get(account)?.http?.outgoingUrl === undefined) ccp.linkDown(account)
        events.link(account, false)
      },
    },
  )
  const table = createRoutingTable()
  const streams = streamCredentials(deriveKey(config.secretSeed, 'stream receiver'))
  const rates = exchangeRates(config.exchangeRates, { store: store.rates, logger })
  const limits = rateLimits(store, logger)
  const { inFlightMax } = config
  const window = inFlight({ address }, { inFlightMax, ...STOP_TIMEOUTS.inFlight })

  const engines = createEngineClient({ token: config.settlementToken })
  const { allowVolatileSettlement } = config
  const settler = createSettler({ accounts, store, engines, logger }, { allowVolatileSettlement })

  const onBooked = (account: { readonly id: AccountId }) => {
    settler.booked(account)
    events.booked(account)
  }

  const answers = outgoingValidator({ address, logger, onLateFulfill: lateFulfillLog(logger) })
  const outgoing = stack<OutgoingRequest<ConnectorAccount>>()
    .use(packetSamples(events))
    .use(exchangeRate({ address, rates: rates.source }))
    .use(outgoingRateLimit({ address, limits }))
    .use(balance({ address, ledger, onBooked }, balanceOptions(config)))
    .use(expiry({ address }, config.expiry))
    .use(telemetry.outgoing)
    .use(answers)
    .use(streamReceiver({ receiverOf: receiverOf(address), credentials: streams, logger }))
    .use(btpClient({ pool, accounts, credentials, address, logger }))
    .use(httpClient({ credentials, address, logger, ...calledBack }, { tls, ...STOP_TIMEOUTS.httpClient }))
    .around(unreachable({ address }))

  const ccp = createCcp<ConnectorAccount>(
    {
      outgoing,
      ownAccount,
      accounts: enabled(accounts),
      address: store.address,
      addressOf: account => addressOf(account, store.address.get()),
      staticRoutes: store.routes,
      table,
      secret: deriveKey(config.secretSeed, 'routes'),
      logger,
    },
    ccpOptions(config),
  )

  const incoming = stack<IncomingRequest<ConnectorAccount>>()
    .use(
      httpServer({ listener, accounts, authenticate, callbacks, address, logger }, STOP_TIMEOUTS.httpServer),
    )
    .use(btpServer({ listener, pool, accounts, credentials, address, logger }))
    .use(telemetry.incoming)
    .use(errorBoundary({ address, logger }))
    .use(disabledAccounts({ address }))
    .use(window)
    .use(incomingValidator({ address }))
    .use(incomingRateLimit({ address, limits }))
    .use(maxPacketAmount({ address }))
    .use(ildcp<ConnectorAccount>({ address, addressOf: account => addressOf(account, store.address.get()) }))
    .use(settlement({ engines }))
    .use(ccp.middleware)
    .use(echo({ address, table, accounts, outgoing }))
    .route(router({ table, accounts: enabled(accounts), address }))
    .around(outgoing)

  const spsp = spspServer({ listener, receiverFor: credentialsFor(config, { accounts, address, streams }) })
  const learner = learnedAddress(config, { store, outgoing, logger })
  const face = settlementFace(config, { store, outgoing, logger }, STOP_TIMEOUTS.listener)
  let isStopping = false
  const trouble = async () => (isStopping ? 'this node is stopping' : storeTrouble(ledger))
  const { metrics } = telemetry
  const adminDeps = { service: incoming, store, trouble, routes: ccp.routes, pool, settler, events, metrics }
  const admin = adminFace(config, { ...adminDeps, logger: log })
  telemetry.show({
    links: pool.stats,
    linksWanted: () => dialledAccounts(store),
    window: window.stats,
    answers: answers.stats,
    transfersOpen: ledger.open,
    settlements: settler.stats,
    routes: table.size,
    ready: async () => (await trouble()) === undefined,
  })
  const parts = sequence([
    telemetry,
    store,
    { start: () => applyConfig(config, store) },
    ledger,
    rates,
    pool,
    engines,
    authentication,
    callbacks,
    incoming,
    spsp,
    learner,
    listener,
    face,
    settler,
    admin,
  ])

  return {
    ...lifecycle({
      start: async () => {
        await parts.start()
        const { loses } = store.properties()
        if (loses !== undefined) logger.warn({ loses }, 'the store can lose what it acknowledged')
        const urls = { url: listener.url(), adminUrl: admin.url(), settlementUrl: face.url() }
        logger.info({ address: address(), ...urls }, 'ready')
      },
      stop: async () => {
        isStopping = true
        await window.drain()
        await parts.stop()
      },
    }),
    address: store.address.get,
    url: listener.url,
    adminUrl: admin.url,
    settlementUrl: face.url,
  }
}

/**
 * Packets in flight have the first 25 s of a stop. What they leave to wait for then is little, unless a next hop never
 * answers; with the time that sockets have to close, it all adds up to less than 30 s.
 */
const STOP_TIMEOUTS = {
  inFlight: { drainTimeoutMs: 25_000 },
  listener: { stopTimeoutMs: 500 },
  httpServer: { stopTimeoutMs: 1_500 },
  callbacks: { stopTimeoutMs: 1 },
  httpClient: { stopTimeoutMs: 500 },
  pool: { drainTimeoutMs: 1_000 },
}

/** A hold outlives the packet's outgoing deadline by no more than the time for its way back. */
const ledgerOptions = ({ leaseMs, expiry: { maxHoldMs, minMessageWindowMs } }: Config) => ({
  leaseMs,
  holdMaxMs: maxHoldMs + minMessageWindowMs,
})

const PEER_TIMEOUT_MS = 5_000

/** The time that `expiry` takes off is for the way back of packets that others wait for. */
const ccpOptions = ({ routeBroadcastIntervalMs, expiry: { minMessageWindowMs } }: Config) => ({
  routeBroadcastIntervalMs,
  requestTimeoutMs: PEER_TIMEOUT_MS + minMessageWindowMs,
})

/** The accounts that take part. */
const enabled = (accounts: Store<ConnectorAccount>['accounts']) => ({
  all: () => accounts.all().filter(account => !account.isDisabled),
  get: (id: AccountId) => {
    const account = accounts.get(id)
    return account?.isDisabled ? undefined : account
  },
  watch: accounts.watch,
})

const COMMIT_MARGIN_MS = 500

/** A Fulfill may come just before the outgoing deadline: the margin leaves it some of the time for the way back. */
const balanceOptions = ({ expiry: { maxHoldMs, minMessageWindowMs } }: Config) => ({
  maxHoldMs: maxHoldMs + minMessageWindowMs,
  commitMarginMs: Math.min(COMMIT_MARGIN_MS, Math.floor(minMessageWindowMs / 2)),
})

const HEALTH_TIMEOUT_MS = 200

const storeTrouble = (ledger: Ledger): Promise<string | undefined> =>
  ledger.ready(AbortSignal.timeout(HEALTH_TIMEOUT_MS)).then(
    () => undefined,
    () => 'the store is out of reach',
  )
