import { createBtpPool } from '@ilp/btp-pool'
import { createCallbacks } from '@ilp/http-callback'
import { createListener } from '@ilp/listener'
import { createRoutingTable } from '@ilp/router'
import { type AccountId, Deadlines, type Logger } from '@ilp/service-core'
import { createEngineClient, createSettler } from '@ilp/settlement'
import { createJournal, createLedger, type Store } from '@ilp/store-traits'
import { streamCredentials } from '@ilp/stream-receiver'
import { addressOf, type ConnectorAccount } from './account.js'
import { createEvents } from './admin/events.js'
import { alertingLog } from './alerting-log.js'
import type { Config } from './config/schema.js'
import { exchangeRates } from './exchange-rates.js'
import { httpAuthentication } from './http-authentication.js'
import { rateLimits } from './rate-limits.js'
import { createReconciliation } from './reconciliation.js'
import { deriveKey } from './secrets.js'
import { telemetryOf } from './telemetry.js'
import { ledgerOptions, STOP_TIMEOUTS } from './terms.js'
import { outgoingTlsOf, tlsOf } from './tls.js'

export type Node = ReturnType<typeof createNode>

/** What the chain stands on: the store and its books, the listener and the links, routes, rates and settlement. */
export function createNode(config: Config, log: Logger, given: Store<ConnectorAccount>) {
  const telemetry = telemetryOf(config, given, log)
  const { store } = telemetry
  const { accounts } = store
  const address = () => store.address.get() ?? ''
  const events = createEvents({ accounts, readBalance: id => store.ledger.readBalance(id) })
  const logger = alertingLog(log, events.alert)

  const journal = config.journalDir === undefined ? undefined : createJournal(config.journalDir)
  const reconciliation = createReconciliation(config.journalDir, logger)
  const { reports } = reconciliation
  const ledger = createLedger({ store: store.ledger, journal, reports, logger }, ledgerOptions(config))

  const listener = createListener({ ...config.listen, ...tlsOf(config), logger }, STOP_TIMEOUTS.listener)
  const tls = outgoingTlsOf(config)
  const authentication = httpAuthentication(config, store, logger)
  const token = (account: AccountId) => authentication.outgoingToken(account, 'http')
  const engines = createEngineClient({ token: config.settlementToken })
  const { allowVolatileSettlement } = config

  return {
    telemetry,
    store,
    /** This node's ILP address; empty while it has none. */
    address,
    addressOf: (account: ConnectorAccount) => addressOf(account, store.address.get()),
    /** The accounts that take part. */
    enabled: enabled(accounts),
    events,
    logger,
    reconciliation,
    ledger,
    listener,
    authentication,
    tls,
    callbacks: createCallbacks({ token, logger }, { tls, ...STOP_TIMEOUTS.callbacks }),
    pool: createBtpPool({ address, logger, deadlines: new Deadlines() }, STOP_TIMEOUTS.pool),
    table: createRoutingTable(),
    streams: streamCredentials(deriveKey(config.secretSeed, 'stream receiver')),
    rates: exchangeRates(config.exchangeRates, { store: store.rates, logger }),
    limits: rateLimits(store, logger),
    engines,
    settler: createSettler({ accounts, store, engines, logger }, { allowVolatileSettlement }),
  }
}

const enabled = (accounts: Store<ConnectorAccount>['accounts']) => ({
  all: () => accounts.all().filter(account => !account.isDisabled),
  get: (id: AccountId) => {
    const account = accounts.get(id)
    return account?.isDisabled ? undefined : account
  },
  watch: accounts.watch,
})
