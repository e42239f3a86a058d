import { echoRequest } from '@ilp/echo-packet'
import { TEST_CONDITION, testAccount, testFulfill } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { incoming, outgoing } from '../example/usage.js'

test('the example answers alice, who fulfills', async () => {
  const prepare = echoRequest({
    destination: 'test.node',
    source: 'test.alice.ping',
    units: 0n,
    expiresAt: new Date(Date.now() + 10_000),
    executionCondition: TEST_CONDITION,
  })
  const reply = incoming.call({ from: testAccount('alice'), prepare })
  const { request, fulfill } = await outgoing.next()
  expect(request.prepare.destination).toBe('test.alice.ping')
  fulfill()
  expect(await reply).toEqual(testFulfill())
})
