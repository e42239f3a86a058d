import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameTemplate } from './frame-template.js'

/** The payload of a client's frame, as RFC 6455 has it. */
function unmask(frame: Buffer): Buffer {
  const isLong = (frame[1]! & 0x7f) === 126
  const length = isLong ? frame.readUInt16BE(2) : frame[1]! & 0x7f
  const at = isLong ? 4 : 2
  expect(frame[0]).toBe(0x82)
  expect(frame[1]! & 0x80).toBe(0x80)
  expect(frame.length).toBe(at + 4 + length)
  return Buffer.from(frame.subarray(at + 4).map((byte, i) => byte ^ frame[at + (i % 4)]!))
}

describe('FrameTemplate', () => {
  it('is a masked frame with all changes, and copies keep theirs to themselves', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 300 }),
        fc.nat(),
        fc.nat({ max: 0xffff_ffff }),
        fc.nat({ max: 20 }),
        (payload, place, value, offset) => {
          const at = place % (payload.length - 3)
          const template = new FrameTemplate(payload)
          const copy = Buffer.alloc(offset + template.length)
          template.copyTo(copy, offset)
          template.setUInt32(copy, offset, at, value)
          const changed = Buffer.from(payload)
          changed.writeUInt32BE(value, at)
          expect(unmask(copy.subarray(offset))).toEqual(changed)
          expect(unmask(template.toBuffer())).toEqual(Buffer.from(payload))
          template.set(at, changed.subarray(at, at + 4))
          expect(unmask(template.toBuffer())).toEqual(changed)
        },
      ),
    )
  })
})
