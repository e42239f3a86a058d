import { incomingRateLimit } from '@ilp/rate-limit'
import { type IncomingRequest, stack } from '@ilp/service-core'
import { fulfillingService, testAccount, testPrepare } from '@ilp/service-testing'

const alice = testAccount('alice', { rateLimit: { packetsPerMinute: 3, amountPerMinute: 1_000n } })

const chain = stack<IncomingRequest<typeof alice>>()
  .use(incomingRateLimit({ address: () => 'test.node' }))
  .around(fulfillingService())

/** What alice gets for packets of so many units, one after another. */
export async function send(...units: bigint[]): Promise<string[]> {
  const outcomes: string[] = []
  for (const amount of units) {
    const reply = await chain.call({ from: alice, prepare: testPrepare({ units: amount }) })
    outcomes.push('code' in reply ? reply.code : 'fulfilled')
  }
  return outcomes
}
