import { InvalidPacketError, type Prepare } from '@ilp/service-core'
import { TEST_CONDITION, testPrepare } from '@ilp/service-testing'
import fc from 'fast-check'
import { Writer as TheirWriter } from 'oer-utils'
import { describe, expect, test } from 'vitest'
import { type Echo, echoRequest, echoResponse, InvalidEchoError, readEcho } from './index.js'

const fields = {
  units: 2n ** 64n - 1n,
  expiresAt: new Date(1_800_000_000_123),
  executionCondition: TEST_CONDITION,
  destination: 'test.node',
}
const PREFIX = Buffer.from('ECHOECHOECHOECHO')
const withData = (...parts: Uint8Array[]): Prepare => testPrepare({ data: Buffer.concat(parts) })

/** What is read, or that it is refused: anything else is thrown. */
function read(prepare: Prepare): Echo | undefined | 'invalid' {
  try {
    return readEcho(prepare)
  } catch (error) {
    if (error instanceof InvalidEchoError) return 'invalid'
    throw error
  }
}

describe('an echo request', () => {
  test('is the prefix, a zero, and the address to answer', () => {
    const request = echoRequest({ ...fields, source: 'test.alice' })
    expect(request).toMatchObject(fields)
    expect(request.data.toString('latin1')).toBe('ECHOECHOECHOECHO\0\x0atest.alice')
    expect(readEcho(request)).toEqual({ type: 'request', source: 'test.alice' })
  })

  test('has the bytes that a ping of npm’s connector has', () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_~-]{1,100}$/)
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 10 }), segments => {
        const source = ['g', ...segments].join('.')
        fc.pre(source.length <= 1_023)
        const theirs = new TheirWriter()
        theirs.write(PREFIX)
        theirs.writeUInt8(0)
        theirs.writeVarOctetString(Buffer.from(source, 'ascii'))
        const request = echoRequest({ ...fields, source })
        expect(request.data).toEqual(theirs.getBuffer())
        expect(readEcho(request)).toEqual({ type: 'request', source })
      }),
    )
  })

  test('may have more octets than it needs', () => {
    const { data } = echoRequest({ ...fields, source: 'test.alice' })
    expect(read(withData(data, Buffer.from('more')))).toEqual({ type: 'request', source: 'test.alice' })
  })

  test('that ends too early is refused, or none, wherever it ends', () => {
    const { data } = echoRequest({ ...fields, source: 'test.alice' })
    for (let length = 0; length < data.length; length++)
      expect(read(withData(data.subarray(0, length)))).toBe(length < 16 ? undefined : 'invalid')
  })

  test.each(['', 'test', 'test.', 'nowhere.alice', 'test.älice', `test.${'a'.repeat(1_019)}`])(
    'with the source %j is neither made nor read',
    source => {
      expect(() => echoRequest({ ...fields, source })).toThrow(InvalidEchoError)
      const octets = Buffer.from(source, 'latin1')
      const theirs = new TheirWriter()
      theirs.writeVarOctetString(octets)
      expect(read(withData(PREFIX, Buffer.of(0), theirs.getBuffer()))).toBe('invalid')
    },
  )

  test('to no address is not made', () => {
    expect(() => echoRequest({ ...fields, destination: '', source: 'test.alice' })).toThrow(
      InvalidPacketError,
    )
  })
})

test('a response has the amount, expiry and condition of its request, the prefix and a one', () => {
  const request = echoRequest({ ...fields, source: 'test.alice' }).with({ units: 5n })
  const response = echoResponse(request, 'test.alice')
  expect(response).toMatchObject({ ...fields, units: 5n, destination: 'test.alice' })
  expect(response.data.toString('latin1')).toBe('ECHOECHOECHOECHO\x01')
  expect(readEcho(response)).toEqual({ type: 'response' })
})

test('other types are refused', () => {
  for (let type = 2; type < 256; type++) expect(read(withData(PREFIX, Buffer.of(type)))).toBe('invalid')
})

test('anything at all is read, refused, or none of the protocol', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (octets, isPrefixed) => {
      const echo = read(withData(isPrefixed ? PREFIX : Buffer.alloc(0), octets))
      if (!isPrefixed) expect(echo).toBeUndefined()
      else expect(echo).toBeDefined()
    }),
  )
})
