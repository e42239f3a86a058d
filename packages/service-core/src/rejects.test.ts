import { readUInt64, UINT64_MAX } from '@ilp/oer'
import { IlpError } from 'ilp-packet'
import { describe, expect, it } from 'vitest'
import * as core from './index.js'
import { MESSAGE_LENGTH_MAX, Reject } from './index.js'

/** Every code of RFC 27's tables with the builder for it; F08 has a form of its own. */
const BUILDERS = [
  ['F00', core.badRequest],
  ['F01', core.invalidPacket],
  ['F02', core.unreachable],
  ['F03', core.invalidAmount],
  ['F04', core.insufficientDestinationAmount],
  ['F05', core.wrongCondition],
  ['F06', core.unexpectedPayment],
  ['F07', core.cannotReceive],
  ['F99', core.applicationError],
  ['T00', core.internalError],
  ['T01', core.peerUnreachable],
  ['T02', core.peerBusy],
  ['T03', core.connectorBusy],
  ['T04', core.insufficientLiquidity],
  ['T05', core.rateLimited],
  ['T99', core.temporaryApplicationError],
  ['R00', core.transferTimedOut],
  ['R01', core.insufficientSourceAmount],
  ['R02', core.insufficientTimeout],
  ['R99', core.relativeApplicationError],
] as const

describe('reject builders', () => {
  it.each(BUILDERS)('%s', (code, build) => {
    const data = Buffer.from('why')
    const rejected = build('test.alice', 'because', data)
    expect(rejected).toBeInstanceOf(Reject)
    expect(rejected.code).toBe(code)
    expect(rejected.triggeredBy).toBe('test.alice')
    expect(rejected.message).toBe('because')
    expect(rejected.data.equals(data)).toBe(true)
    expect(build('', '').data).toHaveLength(0)
    expect(build('', '').triggeredBy).toBe('')
  })

  it('there is one for every code', () => {
    const codes = new Set<string>(['F08', ...BUILDERS.map(([code]) => code)])
    expect(codes).toEqual(new Set(Object.values(IlpError)))
  })
})

describe('amountTooLarge', () => {
  it('is F08 with the amount received and the maximum', () => {
    const rejected = core.amountTooLarge('test.alice', 'too much', 2n ** 53n + 1n, 1_000n)
    expect(rejected.code).toBe('F08')
    expect(rejected.data.toString('hex')).toBe('0020000000000001' + '00000000000003e8')
  })

  it('has room for the largest amounts', () => {
    const { data } = core.amountTooLarge('', '', UINT64_MAX, UINT64_MAX - 1n)
    expect([readUInt64(data, 0), readUInt64(data, 8)]).toEqual([UINT64_MAX, UINT64_MAX - 1n])
  })

  it.each([
    [UINT64_MAX + 1n, 0n],
    [-1n, 0n],
    [0n, UINT64_MAX + 1n],
    [0n, -1n],
  ])('never says another amount than %i of %i', (received, maximum) => {
    expect(() => core.amountTooLarge('', '', received, maximum)).toThrow(RangeError)
  })
})

describe('reject', () => {
  it('takes any code of three characters', () => {
    expect(core.reject('F09', 'test.alice', 'x').code).toBe('F09')
    expect(() => core.reject('F1', 'test.alice', 'x')).toThrow(core.InvalidPacketError)
  })

  it.each([
    ['m'.repeat(MESSAGE_LENGTH_MAX), MESSAGE_LENGTH_MAX],
    ['m'.repeat(MESSAGE_LENGTH_MAX + 1), MESSAGE_LENGTH_MAX],
    ['m'.repeat(100_000), MESSAGE_LENGTH_MAX],
    ['é'.repeat(5_000), MESSAGE_LENGTH_MAX - 1],
    ['€'.repeat(2_730), 8_190],
    ['€'.repeat(2_731), 8_190],
    ['😀'.repeat(3_000), 8_188],
    [`m${'😀'.repeat(3_000)}`, 8_189],
  ])('cuts a message that is too long at a character', (message, octets) => {
    const rejected = core.reject('T00', '', message)
    expect(Buffer.byteLength(rejected.message)).toBe(octets)
    expect(message.startsWith(rejected.message)).toBe(true)
  })
})
