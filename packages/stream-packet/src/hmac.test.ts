import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Hmac } from './hmac.js'

it('is HMAC-SHA256', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(32_767).fill(7))),
      (key, message) => {
        expect(new Hmac(key).digest(message)).toEqual(createHmac('sha256', key).update(message).digest())
      },
    ),
  )
})

it('keeps keys apart', () => {
  const [one, two] = [new Hmac(Buffer.from('one')), new Hmac(Buffer.from('two'))]
  const before = one.digest(Buffer.from('message'))
  two.digest(Buffer.from('message'))
  expect(one.digest(Buffer.from('message'))).toEqual(before)
})
