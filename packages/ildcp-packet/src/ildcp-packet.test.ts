import { Writer } from '@ilp/oer'
import { Fulfill } from '@ilp/service-core'
import fc from 'fast-check'
import {
  deserializeIldcpRequest,
  deserializeIldcpResponse,
  serializeIldcpRequest,
  serializeIldcpResponse,
} from 'ilp-protocol-ildcp'
import { describe, expect, test } from 'vitest'
import {
  type Configuration,
  configRequest,
  configResponse,
  InvalidConfigurationError,
  isPeerCondition,
  readConfiguration,
} from './index.js'

const ALICE: Configuration = { address: 'test.node.alice', asset: { code: 'USD', scale: 9 } }

const responseOf = (data: Uint8Array, fulfillment = new Uint8Array(32)) =>
  Fulfill.create({ fulfillment, data })

/** The configuration, or that there is none: anything else is thrown. */
function ours(data: Uint8Array): Configuration | 'invalid' {
  try {
    return readConfiguration(responseOf(data))
  } catch (error) {
    if (error instanceof InvalidConfigurationError) return 'invalid'
    throw error
  }
}

function theirs(data: Uint8Array): Configuration | 'invalid' {
  try {
    const { clientAddress, assetCode, assetScale } = deserializeIldcpResponse(responseOf(data).toBuffer())
    return { address: clientAddress, asset: { code: assetCode, scale: assetScale } }
  } catch {
    return 'invalid'
  }
}

describe('a request', () => {
  const expiresAt = new Date(Date.now() + 60_000)
  const request = configRequest(expiresAt)

  test('is the packet of RFC 31', () => {
    expect(request).toMatchObject({ units: 0n, destination: 'peer.config', expiresAt })
    expect(request.executionCondition.toString('base64')).toBe('Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU=')
    expect(request.data.length).toBe(0)
  })

  test('is the same packet that ilp-protocol-ildcp makes, and is taken by it', () => {
    expect(request.toBuffer()).toEqual(serializeIldcpRequest({ expiresAt }))
    expect(deserializeIldcpRequest(request.toBuffer())).toEqual({ expiresAt, data: Buffer.alloc(0) })
  })

  test('is fulfilled by a response', () => {
    expect(configResponse(ALICE).fulfills(request)).toBe(true)
    expect(isPeerCondition(request)).toBe(true)
  })
})

describe('a response', () => {
  test('is address, scale and code', () => {
    expect(configResponse(ALICE).data.toString('hex')).toBe(
      `0f${Buffer.from('test.node.alice').toString('hex')}0903${Buffer.from('USD').toString('hex')}`,
    )
  })

  test.each(['test', 'test.', 'nowhere.alice', 'test.älice', ''])(
    'for the address %j is not made',
    address => {
      expect(() => configResponse({ ...ALICE, address })).toThrow(InvalidConfigurationError)
    },
  )

  test.each([-1, 256, 0.5, Number.NaN])('with the scale %d is not made', scale => {
    expect(() => configResponse({ ...ALICE, asset: { code: 'USD', scale } })).toThrow(
      InvalidConfigurationError,
    )
  })

  test('with more octets than it needs is read all the same', () => {
    const data = Buffer.concat([configResponse(ALICE).data, Buffer.from('more')])
    expect(ours(data)).toEqual(ALICE)
  })

  test('that ends too early is refused, wherever it ends', () => {
    const data = configResponse(ALICE).data
    for (let length = 0; length < data.length; length++)
      expect(ours(data.subarray(0, length))).toBe('invalid')
  })

  test('under another fulfillment is refused', () => {
    const response = responseOf(configResponse(ALICE).data, new Uint8Array(32).fill(1))
    expect(() => readConfiguration(response)).toThrow(InvalidConfigurationError)
  })

  test('that claims more octets than there are is refused', () => {
    expect(ours(Buffer.from('84ffffffff', 'hex'))).toBe('invalid')
  })
})

const segment = fc.stringMatching(/^[A-Za-z0-9_~-]{1,12}$/)
const configuration: fc.Arbitrary<Configuration> = fc.record({
  address: fc
    .tuple(
      fc.constantFrom('g', 'test', 'test2', 'private', 'local'),
      fc.array(segment, { minLength: 1, maxLength: 9 }),
    )
    .map(([scheme, segments]) => [scheme, ...segments].join('.')),
  asset: fc.record({
    code: fc.string({ unit: 'grapheme', maxLength: 40 }),
    scale: fc.nat({ max: 255 }),
  }),
})

test('valid configurations have the same bytes as with ilp-protocol-ildcp, and come back as they were', () => {
  fc.assert(
    fc.property(configuration, ({ address, asset }) => {
      const bytes = configResponse({ address, asset }).toBuffer()
      const { code: assetCode, scale: assetScale } = asset
      expect(bytes).toEqual(serializeIldcpResponse({ clientAddress: address, assetCode, assetScale }))
      expect(readConfiguration(Fulfill.decode(bytes))).toEqual({ address, asset })
    }),
    { numRuns: 5_000 },
  )
})

describe('where ilp-protocol-ildcp reads otherwise', () => {
  const withAddress = (address: string, code: string) =>
    new Writer()
      .writeVarOctets(Buffer.from(address, 'latin1'))
      .writeUInt8(9)
      .writeVarOctets(Buffer.from(code, 'latin1'))
      .toBuffer()

  test('it drops the highest bit of an address’s octets, which turns other text into addresses', () => {
    const data = withAddress('\u00f4est.bob', 'USD')
    expect(theirs(data)).toMatchObject({ address: 'test.bob' })
    expect(ours(data)).toBe('invalid')
  })

  test('it replaces what is not UTF-8 in an asset code, so that two codes may look the same', () => {
    const data = withAddress('test.bob', 'US\u00ff')
    expect(theirs(data)).toMatchObject({ asset: { code: 'US\ufffd' } })
    expect(ours(data)).toBe('invalid')
  })
})

interface Mutation {
  readonly at: number
  readonly kind: 'set' | 'insert' | 'remove' | 'cut'
  readonly octet: number
}

function mutate(data: Buffer, { at, kind, octet }: Mutation): Buffer {
  const index = at % (data.length + 1)
  const [head, tail] = [data.subarray(0, index), data.subarray(index)]
  if (kind === 'cut') return head
  if (kind === 'remove') return Buffer.concat([head, tail.subarray(1)])
  return Buffer.concat([head, Buffer.of(octet), kind === 'set' ? tail.subarray(1) : tail])
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat({ max: 100 }),
  kind: fc.constantFrom('set', 'set', 'insert', 'remove', 'cut'),
  octet: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0x81, 0x82, 0xff)),
})

/** Whether the difference is one of those above. */
const isExplained = (data: Buffer): boolean => {
  const other = theirs(data)
  if (other === 'invalid') return false
  return data.includes(Buffer.from(other.address)) === false || other.asset.code.includes('\ufffd')
}

test('100,000 mutated responses are read as ilp-protocol-ildcp reads them, but for the differences above', () => {
  fc.assert(
    fc.property(configuration, fc.array(mutation, { minLength: 1, maxLength: 3 }), (from, mutations) => {
      const data = mutations.reduce(mutate, configResponse(from).data)
      const mine = ours(data)
      if (mine === 'invalid' && isExplained(data)) return
      expect(mine).toEqual(theirs(data))
    }),
    { numRuns: 100_000 },
  )
})
