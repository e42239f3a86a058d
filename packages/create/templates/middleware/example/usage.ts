import { myLayer } from '@ilp/my-layer'
import { type IncomingRequest, stack } from '@ilp/service-core'
import { fulfillingService, testAccount, testPrepare } from '@ilp/service-testing'

const alice = testAccount('alice', { minPacketAmount: 100n })

const chain = stack<IncomingRequest<typeof alice>>()
  .use(myLayer({ address: () => 'test.node' }))
  .around(fulfillingService())

/** What alice gets for a packet of so many units. */
export async function send(units: bigint): Promise<string> {
  const reply = await chain.call({ from: alice, prepare: testPrepare({ units }) })
  return 'code' in reply ? reply.code : 'fulfilled'
}
