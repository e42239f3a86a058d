import { Fulfill } from '@ilp/service-core'
import { expect, test } from 'vitest'
import { answer, ask } from '../example/usage.js'

test('the example comes back to alice, who can fulfill it', () => {
  const { prepare, fulfillment } = ask()
  const response = answer(prepare)
  if (response === undefined) throw new Error('no response')
  expect(response.destination).toBe('test.alice')
  expect(Fulfill.create({ fulfillment, data: Buffer.alloc(0) }).fulfills(response)).toBe(true)
  expect(answer(response)).toBeUndefined()
})
