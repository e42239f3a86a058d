import { expect, test } from 'vitest'
import { learnAddress } from '../example/usage.js'

test('the example’s child learns its address', async () => {
  expect(await learnAddress()).toBe('test.parent.child')
})
