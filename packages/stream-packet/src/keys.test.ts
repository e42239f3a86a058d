import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { streamPacket } from '../test/arbitraries.js'
import {
  ENCRYPTION_OVERHEAD,
  FrameType,
  IlpPacketType,
  STREAM_PACKET_LENGTH_MAX,
  StreamKeys,
  type StreamPacket,
} from './index.js'

const secret = Buffer.alloc(32, 1)
const keys = new StreamKeys(secret)
const packet: StreamPacket = {
  ilpPacketType: IlpPacketType.Prepare,
  sequence: 7n,
  prepareAmount: 5n,
  frames: [],
}

/** A packet of `length` octets in clear text. */
const packetOf = (length: number): StreamPacket => {
  const data = (size: number) => [
    { type: FrameType.StreamData, streamId: 1n, offset: 0n, data: Buffer.alloc(size) } as const,
  ]
  return { ...packet, frames: data(length - 19) }
}

describe('encryption', () => {
  it('is undone under the same secret', () => {
    fc.assert(
      fc.property(streamPacket, original => {
        const opened = new StreamKeys(secret).decrypt(keys.encrypt(original), original.ilpPacketType)
        expect(opened).toEqual({ ...original, frameError: undefined })
      }),
    )
  })

  it('gives other bytes each time', () => {
    const vectors = new Set(Array.from({ length: 1_000 }, () => keys.encrypt(packet).toString('hex', 0, 12)))
    expect(vectors.size).toBe(1_000)
  })

  it('fits the largest packet into an ILP packet, and no larger one', () => {
    const data = keys.encrypt(packetOf(STREAM_PACKET_LENGTH_MAX))
    expect(data.length).toBe(32_767)
    expect(keys.decrypt(data, IlpPacketType.Prepare)).toBeDefined()
    expect(() => keys.encrypt(packetOf(STREAM_PACKET_LENGTH_MAX + 1))).toThrow(RangeError)
  })

  it('is not undone under another secret', () => {
    const other = new StreamKeys(Buffer.alloc(32, 2))
    expect(other.decrypt(keys.encrypt(packet), IlpPacketType.Prepare)).toBeUndefined()
  })

  it('is not undone when a bit has changed', () => {
    const data = keys.encrypt(packet)
    for (let bit = 0; bit < data.length * 8; bit++) {
      const changed = Buffer.from(data)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(keys.decrypt(changed, IlpPacketType.Prepare)).toBeUndefined()
    }
  })

  it.each([0, 1, 12, ENCRYPTION_OVERHEAD - 1, ENCRYPTION_OVERHEAD, 100])(
    'is not undone for %i stray octets',
    length => {
      expect(keys.decrypt(Buffer.alloc(length, 3), IlpPacketType.Prepare)).toBeUndefined()
    },
  )

  it('is not undone in another type of ILP packet than it was made for', () => {
    const data = keys.encrypt(packet)
    expect(keys.decrypt(data, IlpPacketType.Prepare)).toBeDefined()
    expect(keys.decrypt(data, IlpPacketType.Fulfill)).toBeUndefined()
    expect(keys.decrypt(data, IlpPacketType.Reject)).toBeUndefined()
  })
})

describe('fulfillment', () => {
  const hmac = (key: Uint8Array, message: Uint8Array | string) =>
    createHmac('sha256', key).update(message).digest()

  it('is the one of RFC 29, and the condition its hash', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 500 }),
        (shared, data) => {
          const expected = hmac(hmac(shared, 'ilp_stream_fulfillment'), data)
          expect(new StreamKeys(shared).fulfillment(data)).toEqual(expected)
          expect(new StreamKeys(shared).condition(data)).toEqual(
            createHash('sha256').update(expected).digest(),
          )
        },
      ),
    )
  })
})
