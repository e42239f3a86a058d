import { expect, test } from 'vitest'
import { askAndAnswer } from '../example/usage.js'

test('the example gets out what it put in', () => {
  const configuration = { address: 'test.parent.child', asset: { code: 'EUR', scale: 2 } }
  expect(askAndAnswer(configuration)).toEqual(configuration)
})
