import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReceipt, decodeReceipt, RECEIPT_LENGTH, verifyReceipt } from './index.js'

const nonce = Buffer.alloc(16, 1)
const secret = Buffer.alloc(32, 2)
const fields = { nonce, secret, streamId: 1, totalReceived: 500n }

describe('receipts', () => {
  it('are verified with the secret that they were made with', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.bigInt(0n, 2n ** 64n - 1n), (streamId, totalReceived) => {
        const receipt = createReceipt({ nonce, secret, streamId, totalReceived })
        expect(receipt.length).toBe(RECEIPT_LENGTH)
        expect(verifyReceipt(receipt, secret)).toEqual({ nonce, streamId, totalReceived })
      }),
    )
  })

  it('have the layout of RFC 39', () => {
    const receipt = createReceipt(fields)
    expect(receipt.toString('hex', 0, 26)).toBe(`01${'01'.repeat(16)}0100000000000001f4`)
  })

  it('tell their nonce without the secret', () => {
    expect(decodeReceipt(createReceipt(fields))).toEqual({ nonce, streamId: 1, totalReceived: 500n })
  })

  it('are refused with another secret, and when a byte has changed', () => {
    const receipt = createReceipt(fields)
    expect(verifyReceipt(receipt, Buffer.alloc(32, 3))).toBeUndefined()
    for (let at = 0; at < receipt.length; at++) {
      const changed = Buffer.from(receipt)
      changed[at] = (changed[at] as number) ^ 1
      expect(verifyReceipt(changed, secret)).toBeUndefined()
    }
  })

  it.each([0, RECEIPT_LENGTH - 1, RECEIPT_LENGTH + 1])('have not %i octets', length => {
    expect(decodeReceipt(Buffer.alloc(length, 1))).toBeUndefined()
    expect(verifyReceipt(Buffer.alloc(length, 1), secret)).toBeUndefined()
  })

  it.each([
    ['nonce', { ...fields, nonce: Buffer.alloc(15) }],
    ['secret', { ...fields, secret: Buffer.alloc(33) }],
    ['stream id', { ...fields, streamId: 256 }],
    ['total', { ...fields, totalReceived: 2n ** 64n }],
    ['negative total', { ...fields, totalReceived: -1n }],
  ])('can not be made with a wrong %s', (_, wrong) => {
    expect(() => createReceipt(wrong)).toThrow(RangeError)
  })
})
