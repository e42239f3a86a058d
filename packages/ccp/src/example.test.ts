import { expect, test } from 'vitest'
import { exchangeRoutes } from '../example/usage.js'

test('the example’s nodes find each other', async () => {
  expect(await exchangeRoutes()).toEqual(['bob', 'alice'])
})
