import { expect, test } from 'vitest'
import { whereTo } from '../example/usage.js'

test('the example finds the way to bob, and none back to alice', async () => {
  expect(await whereTo('test.bob.shop')).toBe('bob')
  expect(await whereTo('test.carol')).toBe('nowhere')
})
