import { describe, expect, it } from 'vitest'
import { decodeReply, Fulfill, InvalidPacketError, isFulfill, Prepare, Reject } from '../index.js'

const NO_DATA = Buffer.alloc(0)
const fulfill = Fulfill.create({ fulfillment: Buffer.alloc(32, 7), data: NO_DATA })
const reject = Reject.create({ code: 'T00', triggeredBy: '', message: '', data: NO_DATA })
const prepare = Prepare.create({
  units: 1n,
  expiresAt: new Date(0),
  executionCondition: Buffer.alloc(32),
  destination: 'g.alice',
  data: NO_DATA,
})

describe('a reply', () => {
  it('is a Fulfill or a Reject', () => {
    const fulfilled = decodeReply(fulfill.toBuffer())
    const rejected = decodeReply(reject.toBuffer())
    expect(fulfilled).toBeInstanceOf(Fulfill)
    expect(rejected).toBeInstanceOf(Reject)
    expect(isFulfill(fulfilled)).toBe(true)
    expect(isFulfill(rejected)).toBe(false)
  })

  it('is nothing else', () => {
    const others = [NO_DATA, Buffer.of(13), Buffer.of(14, 0), Buffer.of(9, 0), prepare.toBuffer()]
    for (const bytes of others) expect(() => decodeReply(bytes)).toThrow(InvalidPacketError)
  })
})
