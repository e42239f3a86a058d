import { type OutgoingRequest, stack } from '@ilp/service-core'
import { testAccount, testPrepare } from '@ilp/service-testing'
import { unreachable } from '@ilp/unreachable'

const alice = testAccount('alice')
const bob = testAccount('bob', { relation: 'peer' })

/** A chain without any client. */
const chain = stack<OutgoingRequest<typeof alice>>().around(unreachable({ address: () => 'test.node' }))

/** What alice gets for a packet to bob. */
export async function sendToBob(): Promise<string> {
  const reply = await chain.call({ from: alice, to: bob, prepare: testPrepare(), incomingAmount: 100n })
  return 'code' in reply ? reply.code : 'fulfilled'
}
