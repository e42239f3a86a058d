import type { IncomingRequest, Pass } from '@ilp/service-core'
import { scriptedService, testAccount, testPrepare } from '@ilp/service-testing'

/** The service under test: counts the packets that are under way. */
let underWay = 0
const counting: Pass<IncomingRequest> = inner => ({
  ready: inner.ready,
  call: request => {
    underWay += 1
    return inner.call(request).finally(() => {
      underWay -= 1
    })
  },
})

/** Counts before, while and after a packet is under way. */
export async function countDuringOnePacket(): Promise<number[]> {
  const inner = scriptedService<IncomingRequest>()
  const counts = [underWay]
  const reply = counting(inner).call({ from: testAccount('alice'), prepare: testPrepare({ units: 5n }) })
  const call = await inner.next()
  counts.push(underWay)
  call.fulfill()
  await reply
  return [...counts, underWay]
}
