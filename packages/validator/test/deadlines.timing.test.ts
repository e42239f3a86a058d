import type { OutgoingRequest } from '@ilp/service-core'
import { recordingLogger, scriptedService, testAccount, testPrepare } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { outgoingValidator } from '../src/index.js'

test('a packet without an answer is rejected within 20 ms of its deadline, and never before', async () => {
  const layer = outgoingValidator({
    address: () => 'test.node',
    onLateFulfill: () => {},
    logger: recordingLogger(),
  })
  const service = layer(scriptedService<OutgoingRequest>())
  const behindTimers = await Promise.all(
    Array.from({ length: 1_000 }, async (_, i) => {
      const prepare = testPrepare({ expiresAt: new Date(Date.now() + 20 + (i % 150)) })
      const timer = new Promise<number>(resolve =>
        setTimeout(() => resolve(Date.now()), prepare.expiresAtMs - Date.now()),
      )
      const to = testAccount('bob')
      await service.call({ from: testAccount('alice'), to, incomingAmount: 100n, prepare })
      const rejectedMs = Date.now()
      expect(rejectedMs).toBeGreaterThanOrEqual(prepare.expiresAtMs)
      return rejectedMs - (await timer)
    }),
  )
  // A machine with other work holds up both. Against a timer for each packet, the one wheel for all loses no more.
  expect(Math.max(...behindTimers)).toBeLessThanOrEqual(20)
  expect(layer.stats().timedOut).toBe(1_000)
})
