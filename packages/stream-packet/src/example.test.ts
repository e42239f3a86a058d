import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { connection } from '../example/usage.js'

test('the example fulfills what the sender wants fulfilled', () => {
  const { prepare, fulfill } = connection(randomBytes(32))
  const { data, executionCondition } = prepare(1n, 100n)
  const fulfillment = fulfill(100n, data)?.fulfillment ?? Buffer.alloc(0)
  expect(createHash('sha256').update(fulfillment).digest()).toEqual(executionCondition)
  expect(fulfill(99n, data)).toBeUndefined()
  expect(fulfill(100n, randomBytes(100))).toBeUndefined()
})
