import { createHash, randomBytes } from 'node:crypto'
import { echoRequest, echoResponse, readEcho } from '@ilp/echo-packet'
import type { Prepare } from '@ilp/service-core'

/** What alice sends to test.node: only she knows the fulfillment. */
export function ask(): { prepare: Prepare; fulfillment: Uint8Array } {
  const fulfillment = randomBytes(32)
  const prepare = echoRequest({
    destination: 'test.node',
    source: 'test.alice',
    units: 0n,
    expiresAt: new Date(Date.now() + 10_000),
    executionCondition: createHash('sha256').update(fulfillment).digest(),
  })
  return { prepare, fulfillment }
}

/** What test.node sends back. */
export function answer(prepare: Prepare): Prepare | undefined {
  const echo = readEcho(prepare)
  return echo?.type === 'request' ? echoResponse(prepare, echo.source) : undefined
}
