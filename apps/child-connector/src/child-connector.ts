import { hkdfSync } from 'node:crypto'
import { balance } from '@ilp/balance'
import { btpClient } from '@ilp/btp-client'
import { announcingLinks, createBtpPool } from '@ilp/btp-pool'
import { btpServer } from '@ilp/btp-server'
import { createCcp } from '@ilp/ccp'
import { expiry } from '@ilp/expiry'
import { bearerTokens } from '@ilp/http-auth'
import { httpServer } from '@ilp/http-server'
import { ildcp } from '@ilp/ildcp'
import { inFlight } from '@ilp/in-flight'
import { createListener } from '@ilp/listener'
import { createRoutingTable, router } from '@ilp/router'
import { errorBoundary, type IncomingRequest, type OutgoingRequest, sequence, stack } from '@ilp/service-core'
import { spspServer } from '@ilp/spsp-server'
import { createMemoryStore } from '@ilp/store-memory'
import { createLedger, createSecrets } from '@ilp/store-traits'
import { type ReceiptSetup, streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { unreachable } from '@ilp/unreachable'
import { incomingValidator, outgoingValidator } from '@ilp/validator'
import { type ChildAccount, enter, localAccount, parentAccount, selfAccount } from './accounts.js'
import type { ChildConnector, ChildDeps, ChildOptions } from './options.js'
import { receivers } from './receivers.js'
import { learnedAddress } from './uplink.js'

/**
 * A node with one BTP link, to its parent, who tells it its address; and accounts of its own, where STREAM payments
 * are received and sent. It opens no port, unless programs of the same machine are to have one.
 * @throws RangeError for a username or a limit that is none
 */
export function createChildConnector(options: ChildOptions, deps: ChildDeps): ChildConnector {
  const seed = Buffer.from(options.secretSeed, 'hex')
  const key = (purpose: string) => Buffer.from(hkdfSync('sha256', seed, '', purpose, 32))
  const store = createMemoryStore<ChildAccount>({ secrets: createSecrets(seed) })
  const { accounts, credentials } = store
  const { books = store, journal, logger, onMoney } = deps
  const parent = parentAccount(options)
  const locals = options.accounts.map(({ username }) => localAccount(username, options.asset))
  const address = () => store.address.get() ?? ''
  const addressOf = ({ relation, username }: ChildAccount) =>
    relation === 'local' && address() ? `${address()}.${username}` : undefined

  const authentication = bearerTokens({ credentials })
  const { authenticate } = authentication
  const listener = options.listen && createListener({ ...options.listen, logger })
  const pool = announcingLinks(createBtpPool({ address, logger }), {
    linkUp: account => {
      uplink.askNow()
      ccp.linkUp(account)
    },
  })
  const ledger = createLedger({ store: books.ledger, journal, logger })
  const table = createRoutingTable()
  const streams = streamCredentials(key('stream receiver'))
  const { receiverOf, issue } = receivers({ accounts, addressOf, streams })
  const receiverFor = (username = '', receipts?: ReceiptSetup) => issue(username, receipts)
  const window = inFlight({ address })

  const outgoing = stack<OutgoingRequest<ChildAccount>>()
    .use(balance({ address, ledger }))
    .use(expiry({ address }))
    .use(outgoingValidator({ address, logger }))
    .use(streamReceiver({ receiverOf, credentials: streams, logger, ...(onMoney && { onMoney }) }))
    .use(btpClient({ pool, accounts, credentials, address, logger }))
    .around(unreachable({ address }))

  const ccp = createCcp<ChildAccount>(
    {
      outgoing,
      ownAccount: selfAccount,
      accounts,
      address: store.address,
      addressOf,
      staticRoutes: store.routes,
      table,
      secret: key('routes'),
      onPeerChanged: () => uplink.askNow(),
      logger,
    },
    // All that is not here is at the parent: its routes are heard for the news of its own address.
    { routesPerPeerMax: 1 },
  )

  const incoming = stack<IncomingRequest<ChildAccount>>()
    .use(listener ? httpServer({ listener, accounts, authenticate, address, logger }) : inner => inner)
    .use(btpServer({ pool, accounts, credentials, address, logger }))
    .use(errorBoundary({ address, logger }))
    .use(window)
    .use(incomingValidator({ address }))
    .use(ildcp<ChildAccount>({ address, addressOf }))
    .use(ccp.middleware)
    .route(router({ table, accounts, address }))
    .around(outgoing)

  const uplink = learnedAddress({ parent, outgoing, address: store.address, logger })
  const parts = sequence([
    store,
    { start: () => enter([parent, ...locals], options, store) },
    books,
    ledger,
    pool,
    authentication,
    incoming,
    uplink,
    ...(listener ? [spspServer({ listener, receiverFor }), listener] : []),
    // Stopped first: packets in flight end before anything closes.
    { stop: window.drain },
  ])

  return {
    ...parts,
    address: store.address.get,
    learned: uplink.first,
    service: incoming,
    account: username => {
      const account = locals.find(local => local.username === username)
      if (!account) throw new RangeError(`${JSON.stringify(username)} is no account of this node`)
      return account
    },
    credentials: issue,
    url: () => listener?.url(),
  }
}
