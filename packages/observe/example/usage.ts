import { createMetrics, observe, packetMetrics, registeredTracer } from '@ilp/observe'
import { errorBoundary, type IncomingRequest, silentLogger, stack } from '@ilp/service-core'
import { fulfillingService, testAccount, testPrepare } from '@ilp/service-testing'

const metrics = createMetrics()
const packets = packetMetrics(metrics)
const chain = stack<IncomingRequest>()
  .use(observe({ packets, tracer: registeredTracer() }))
  .use(errorBoundary({ address: () => 'test.node', logger: silentLogger }))
  .around(fulfillingService())

/** Sends a packet of 100 units from `alice`, and returns what Prometheus would read of it. */
export async function countOnePacket(): Promise<string[]> {
  await chain.call({ from: testAccount('alice'), prepare: testPrepare() })
  const lines = (await metrics.text()).split('\n')
  return lines.filter(line => /^ilp_(packets|fulfilled_units)_total.*alice.* [^0]/.test(line))
}
