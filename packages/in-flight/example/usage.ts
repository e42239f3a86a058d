import { inFlight } from '@ilp/in-flight'
import { type IncomingRequest, stack } from '@ilp/service-core'
import { scriptedService, testAccount, testPrepare } from '@ilp/service-testing'

const node = scriptedService<IncomingRequest>()
const window = inFlight({ address: () => 'test.node' }, { inFlightMax: 1 })
const chain = stack<IncomingRequest>().use(window).around(node)

/** Stops a chain while a packet is in flight, and returns how many there were before and after. */
export async function stopGently(): Promise<[before: number, after: number]> {
  const reply = chain.call({ from: testAccount('alice'), prepare: testPrepare() })
  const before = window.stats().packets
  const stopped = chain.stop()
  const { fulfill } = await node.next()
  fulfill()
  await Promise.all([reply, stopped])
  return [before, window.stats().packets]
}
