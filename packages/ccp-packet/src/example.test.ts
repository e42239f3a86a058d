import { expect, test } from 'vitest'
import { tellRoutes } from '../example/usage.js'

test('the example’s routes are learned', () => {
  expect(tellRoutes()).toEqual(['test.alice.shop'])
})
