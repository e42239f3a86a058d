import { expiry } from '@ilp/expiry'
import { type OutgoingRequest, stack } from '@ilp/service-core'
import { scriptedService, testAccount, testPrepare } from '@ilp/service-testing'

const nextHop = scriptedService<OutgoingRequest>()

const chain = stack<OutgoingRequest>()
  .use(expiry({ address: () => 'test.node' }, { minMessageWindowMs: 500 }))
  .around(nextHop)

/** How much earlier a packet with 10 seconds to go expires at the next hop, in milliseconds. */
export async function timeTaken(): Promise<number> {
  const prepare = testPrepare({ expiresAt: new Date(Date.now() + 10_000) })
  const reply = chain.call({
    from: testAccount('alice'),
    to: testAccount('bob'),
    prepare,
    incomingAmount: prepare.units,
  })
  const { request, fulfill } = await nextHop.next()
  fulfill()
  await reply
  return prepare.expiresAtMs - request.prepare.expiresAtMs
}
