import { expect, test } from 'vitest'
import { decode, encode } from '../example/usage.js'

test('the example reads what it wrote, and refuses anything less', () => {
  const greeting = { version: 1, amount: 2n ** 64n - 1n, name: 'Zoë' }
  const bytes = encode(greeting)
  expect(bytes.toString('hex')).toBe(`01${'ff'.repeat(8)}045a6fc3ab`)
  expect(decode(bytes)).toEqual(greeting)
  expect(decode(Buffer.concat([bytes, Buffer.from('more')]))).toEqual(greeting)
  expect(decode(bytes.subarray(0, -1))).toBeUndefined()
})
