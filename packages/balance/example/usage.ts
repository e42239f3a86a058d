import { type BalanceAccount, balance } from '@ilp/balance'
import { type OutgoingRequest, sequence, silentLogger, stack } from '@ilp/service-core'
import { fulfillingService, testAccount, testPrepare } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createLedger, createSecrets } from '@ilp/store-traits'

const alice = testAccount('alice', { minBalance: -1_000n })
const bob = testAccount('bob')

/** Sends packets of so many units from alice to bob; returns the outcomes and alice's balance in the end. */
export async function send(...amounts: bigint[]): Promise<string[]> {
  const store = createMemoryStore({ secrets: createSecrets(new Uint8Array(32)) })
  const ledger = createLedger({ store: store.ledger, logger: silentLogger })
  const chain = stack<OutgoingRequest<BalanceAccount>>()
    .use(balance({ ledger, address: () => 'test.node' }))
    .around(fulfillingService())
  // The ledger is open before the chain and after it.
  const node = sequence([store, ledger, chain])
  await node.start()
  const outcomes: string[] = []
  for (const units of amounts) {
    const prepare = testPrepare({ units })
    const reply = await chain.call({ from: alice, to: bob, prepare, incomingAmount: units })
    outcomes.push('code' in reply ? reply.code : 'fulfilled')
  }
  const { balance: left } = await store.ledger.readBalance(alice.id)
  await node.stop()
  return [...outcomes, left.toString()]
}
