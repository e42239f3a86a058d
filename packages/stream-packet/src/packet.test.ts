import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { streamPacket } from '../test/arbitraries.js'
import {
  decodeStreamPacket,
  encodeStreamPacket,
  type Frame,
  FrameType,
  type IlpPacketType,
  type StreamPacket,
} from './index.js'

const packetOf = (...frames: Frame[]): StreamPacket => ({
  ilpPacketType: 12,
  sequence: 1n,
  prepareAmount: 0n,
  frames,
})

/** The clear text of a packet with these frames, each given as its bytes. */
const withFrames = (...frames: string[]): Buffer =>
  Buffer.from(`010c01010100${`01${frames.length.toString(16).padStart(2, '0')}`}${frames.join('')}`, 'hex')

const money: Frame = { type: FrameType.StreamMoney, streamId: 1n, shares: 5n }
const moneyHex = '110401010105'

interface Vector {
  readonly name: string
  readonly packet: {
    readonly sequence: string
    readonly packetType: IlpPacketType
    readonly amount: string
    readonly frames: readonly Record<string, string | number>[]
  }
  readonly buffer: string
  readonly decode_only?: boolean
}

const vectors = JSON.parse(
  readFileSync(new URL('../test/rfc-29-vectors.json', import.meta.url), 'utf8'),
) as Vector[]

/** The vectors have integers as decimal strings, octets in Base64, and an older name for the address. */
function frameOf({ name, sourceAccount, ...fields }: Record<string, string | number>): Frame {
  const integers = new Set([
    'streamId',
    'shares',
    'receiveMax',
    'totalReceived',
    'sendMax',
    'totalSent',
    'offset',
    'maxOffset',
    'maxStreamId',
  ])
  const octets = new Set(['data', 'receipt'])
  const entries = Object.entries(fields).map(([key, value]) => {
    if (integers.has(key)) return [key, BigInt(value)]
    return [key, octets.has(key) ? Buffer.from(String(value), 'base64') : value]
  })
  if (sourceAccount !== undefined) entries.push(['sourceAddress', sourceAccount])
  return Object.fromEntries(entries) as Frame
}

describe('RFC 29 test vectors', () => {
  it.each(vectors.map(vector => [vector.name, vector] as const))(
    '%s',
    (_, { packet, buffer, decode_only }) => {
      const bytes = Buffer.from(buffer, 'base64')
      const expected: StreamPacket = {
        ilpPacketType: packet.packetType,
        sequence: BigInt(packet.sequence),
        prepareAmount: BigInt(packet.amount),
        frames: packet.frames.map(frameOf),
      }
      expect(decodeStreamPacket(bytes)).toEqual({ ...expected, frameError: undefined })
      if (!decode_only) expect(encodeStreamPacket(expected)).toEqual(bytes)
    },
  )
})

describe('STREAM packets', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(streamPacket, packet => {
        expect(decodeStreamPacket(encodeStreamPacket(packet))).toEqual({ ...packet, frameError: undefined })
      }),
      { numRuns: 2_000 },
    )
  })

  it('may have octets behind their last frame', () => {
    const bytes = encodeStreamPacket(packetOf(money))
    expect(decodeStreamPacket(Buffer.concat([bytes, Buffer.alloc(50)])).frames).toEqual([money])
  })

  it('may have octets behind the last field of a frame', () => {
    expect(decodeStreamPacket(withFrames('110601010105ffff', moneyHex)).frames).toEqual([money, money])
  })

  it('leave out frames of unknown types', () => {
    const { frames, frameError } = decodeStreamPacket(withFrames('7f03aabbcc', moneyHex, '0000'))
    expect(frames).toEqual([money])
    expect(frameError).toBeUndefined()
  })

  it('read limits above 64 bits as the largest of 64', () => {
    const { frames } = decodeStreamPacket(withFrames('120f010109010000000000000000010000'))
    expect(frames).toMatchObject([{ receiveMax: 2n ** 64n - 1n, totalReceived: 0n }])
  })

  it.each([
    ['length prefix is missing', '11020101'],
    ['value past the end', '0100'],
    ['field past the end of its frame', '11030101010500'],
    ['length past the end', '117f0101'],
    ['integer without digits', '11030001010105'],
    ['integer with a leading zero', '110501010200050000'],
    ['integer of more than 64 bits', '110c010109010000000000000000'],
    ['indefinite length', '1180'],
    ['address of more than 1023 characters', `02820403820400${'61'.repeat(1_024)}`],
  ])('say what is wrong with a frame: %s', (problem, bad) => {
    const { frames, frameError } = decodeStreamPacket(withFrames(moneyHex, bad))
    expect(frames).toEqual([money])
    expect(frameError).toContain(problem)
  })

  it('say so when there are fewer frames than announced', () => {
    const bytes = Buffer.from(`010c0101010004ffffffff${moneyHex}`, 'hex')
    expect(decodeStreamPacket(bytes)).toMatchObject({ frames: [money], frameError: expect.any(String) })
  })

  it.each([
    ['value past the end', ''],
    ['version 2', '020c010101000100'],
    ['11 is no type of ILP packet', '010b010101000100'],
    ['integer with a leading zero', '010c02000101000100'],
    ['integer of more than 64 bits', '010c0901000000000000000001000100'],
    ['integer of more than 64 bits', '010c01010901000000000000000001'],
    ['length prefix is missing', '010c0101'],
    ['length prefix is missing', '010c01010100'],
  ])('are refused: %s', (problem, hex) => {
    expect(() => decodeStreamPacket(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_STREAM_PACKET',
        message: expect.stringContaining(problem),
      }),
    )
  })

  it('never throw anything else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), tail => {
        const bytes = Buffer.concat([Buffer.from('010c010101000110', 'hex'), tail])
        expect(decodeStreamPacket(bytes).frames.length).toBeLessThanOrEqual(16)
      }),
      { numRuns: 2_000 },
    )
  })

  it('can not be written with numbers out of their range', () => {
    expect(() => encodeStreamPacket({ ...packetOf(), sequence: -1n })).toThrow(RangeError)
    expect(() =>
      encodeStreamPacket(packetOf({ type: FrameType.ConnectionClose, errorCode: 256, errorMessage: '' })),
    ).toThrow(RangeError)
  })
})
