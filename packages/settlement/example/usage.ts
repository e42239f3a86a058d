import { createListener } from '@ilp/listener'
import { type IncomingRequest, sequence, silentLogger, stack } from '@ilp/service-core'
import { fulfillingService, testAccount } from '@ilp/service-testing'
import {
  createEngineClient,
  createSettler,
  type SettlementAccount,
  settlement,
  settlementServer,
} from '@ilp/settlement'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets, type StoredAccount } from '@ilp/store-traits'

type Account = StoredAccount & SettlementAccount

/** A node that keeps 500 to 1,000 units paid ahead with alice, by the engine at this URL. Returns the balance that is left. */
export async function payAhead(engineUrl: string, engineHasIt: Promise<void>): Promise<bigint> {
  const alice = testAccount('alice', {
    minBalance: -1_000n,
    settlement: { engineUrl, settleThreshold: -500n, settleTo: -1_000n },
  })
  const self: Account = testAccount('self', { relation: 'local' })
  const store = createMemoryStore<Account>({ secrets: createSecrets(new Uint8Array(32)) })
  const { accounts } = store
  const logger = silentLogger
  // Memory is gone when the process ends, and with it what was settled: fine for an example.
  const volatile = { allowVolatileSettlement: true }

  const engines = createEngineClient()
  // Its `booked` goes to `balance`, as `onBooked`.
  const settler = createSettler({ accounts, store, engines, logger }, volatile)
  const outgoing = fulfillingService()
  const incoming = stack<IncomingRequest<Account>>().use(settlement({ engines })).around(fulfillingService())
  // What engines ask of the node, on a port that nobody else can reach.
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  const server = settlementServer(
    { listener, accounts, store, outgoing, selfFor: () => self, logger },
    volatile,
  )

  const node = sequence([store, engines, incoming, server, listener, settler])
  await node.start()
  await accounts.put(alice)
  await engineHasIt
  const { balance } = await store.ledger.readBalance(alice.id)
  await node.stop()
  return balance
}
