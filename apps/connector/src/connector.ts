import { type Disposable, type Logger, lifecycle, sequence } from '@ilp/service-core'
import { spspServer } from '@ilp/spsp-server'
import type { Store } from '@ilp/store-traits'
import type { ConnectorAccount } from './account.js'
import { adminFace } from './admin-face.js'
import { createAlerts } from './alerts/alerts.js'
import { applyConfig } from './apply-config.js'
import { createChain } from './chain.js'
import type { Config } from './config/schema.js'
import { createNode } from './node.js'
import { credentialsFor } from './receivers.js'
import { settlementFace } from './settlement-face.js'
import { storeOf } from './store.js'
import { dialledAccounts } from './telemetry.js'
import { STOP_TIMEOUTS } from './terms.js'
import { troubleOf } from './trouble.js'

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

/** The reference connector. `stop` refuses new packets, lets those in flight end, and closes, within 30 s. */
export function createConnector(
  config: Config,
  { logger: log, store: given = storeOf(config, log) }: ConnectorDeps,
): Connector {
  const node = createNode(config, log, given)
  const { telemetry, store, address, logger, listener, ledger, settler } = node
  const chain = createChain(config, node)
  const { incoming, outgoing, window } = chain

  const receiverFor = credentialsFor(config, { accounts: store.accounts, address, streams: node.streams })
  const spsp = spspServer({ listener, receiverFor })
  const engineFace = settlementFace(config, { store, outgoing, logger }, STOP_TIMEOUTS.listener)
  let isStopping = false
  const trouble = () => troubleOf({ ledger, address, isStopping: () => isStopping })
  const { pool, pings, ccp } = chain
  const { reconciliation } = node
  const alerts = createAlerts(config, {
    ...{ store, ledger, settler, address, reconciliation, logger: log, changed: node.events.alertChanged },
    ...{ links: pool.stats, httpLinks: chain.http.stats },
  })
  const shown = { settler, pool, pings, routes: ccp.routes, events: node.events, metrics: telemetry.metrics }
  const operations = { alerts: alerts.list, reconciliation, rates: node.rates, httpLinks: chain.http.stats }
  const admin = adminFace(config, { ...shown, ...operations, service: incoming, store, trouble, logger: log })
  telemetry.show({
    links: pool.stats,
    linksWanted: () => dialledAccounts(store),
    window: window.stats,
    answers: chain.answers.stats,
    httpLinks: chain.http.stats,
    ledger: ledger.stats,
    toReconcile: reconciliation.size,
    alerts: alerts.list,
    webhooks: alerts.webhooks,
    settlements: settler.stats,
    routes: node.table.size,
    ready: async () => (await trouble()) === undefined,
  })
  const parts = sequence([
    telemetry,
    store,
    { start: () => applyConfig(config, store) },
    reconciliation,
    ledger,
    node.rates,
    pool,
    node.engines,
    node.authentication,
    node.callbacks,
    incoming,
    spsp,
    chain.learner,
    // Nothing comes in before all that is behind it has started.
    listener,
    engineFace,
    settler,
    alerts,
    admin,
  ])

  return {
    ...lifecycle({
      start: async () => {
        await parts.start()
        const { loses } = store.properties()
        if (loses !== undefined) logger.warn({ loses }, 'the store can lose what it acknowledged')
        const urls = { url: listener.url(), adminUrl: admin.url(), settlementUrl: engineFace.url() }
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
    settlementUrl: engineFace.url,
  }
}
