import fc from 'fast-check'
import { isValidIlpAddress } from 'ilp-packet'
import { describe, expect, it } from 'vitest'
import { ADDRESS_LENGTH_MAX, hasPrefix, isAddress, isAddressPrefix, network, scheme } from './index.js'

const SCHEMES = ['g', 'private', 'example', 'peer', 'self', 'test', 'test1', 'test2', 'test3', 'local']
const longest = `g.${'a'.repeat(ADDRESS_LENGTH_MAX - 2)}`

const segment = fc.stringMatching(/^[A-Za-z0-9_~-]{1,12}$/)
const address = fc
  .tuple(fc.constantFrom(...SCHEMES), fc.array(segment, { minLength: 1, maxLength: 6 }))
  .map(([first, rest]) => [first, ...rest].join('.'))

describe('an address', () => {
  it.each([
    ...SCHEMES.map(name => `${name}.a`),
    'g.acme.bob',
    'g.us-fed.ach.0.acmebank.swx0a0.acmecorp.sales.199.~ipr.cdfa5e16-e759-4ba3-88f6-8b9dc83c1868.2',
    'example.top.middle.lower',
    'g.A_b~C-9',
    'test.-',
    longest,
  ])('may be %.60s', text => {
    expect(isAddress(text)).toBe(true)
    expect(isAddressPrefix(text)).toBe(true)
  })

  it.each([
    '',
    '.',
    'g.',
    '.a',
    'g..a',
    'g.a.',
    'g.a..b',
    'a.b',
    'G.a',
    'test4.a',
    'test0.a',
    'test12.a',
    'tests.a',
    'xtest.a',
    'g.a b',
    'g.a/b',
    'g.a*',
    'g.é',
    'g.a\n',
    '\ng.a',
    'g.a\0',
    `${longest}a`,
  ])('may not be %.60j', text => {
    expect(isAddress(text)).toBe(false)
    expect(isAddressPrefix(text)).toBe(false)
  })

  it('needs a segment behind its scheme, a prefix does not', () => {
    for (const name of SCHEMES) {
      expect(isAddress(name)).toBe(false)
      expect(isAddressPrefix(name)).toBe(true)
    }
    expect(isAddressPrefix('tes')).toBe(false)
  })

  it('is what ilp-packet says that it is', () => {
    const damaged = fc
      .tuple(address, fc.nat(100), fc.constantFrom('', '.', ' ', 'é', '\n', 'g', '*', '..'))
      .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1))
    fc.assert(
      fc.property(fc.oneof(address, damaged, fc.string()), text => {
        expect(isAddress(text)).toBe(isValidIlpAddress(text))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('hasPrefix', () => {
  it.each([
    ['g.alice', 'g.alice'],
    ['g.alice.bob', 'g.alice'],
    ['g.alice', 'g'],
    ['test1.a', 'test1'],
  ])('%s lies at or below %s', (text, prefix) => {
    expect(hasPrefix(text, prefix)).toBe(true)
  })

  it.each([
    ['g.alice', 'g.al'],
    ['g.alice', 'g.alice.bob'],
    ['g.alice', 'g.Alice'],
    ['g.alice', 'g.alice.'],
    ['test1.a', 'test'],
    ['g.alice', 'a'],
    ['g.alice', ''],
  ])('%s does not lie below %j', (text, prefix) => {
    expect(hasPrefix(text, prefix)).toBe(false)
  })

  it('is true for exactly the leading segments of an address', () => {
    fc.assert(
      fc.property(address, fc.nat(60), (text, length) => {
        const segments = text.split('.')
        const leading = segments.map((_, i) => segments.slice(0, i + 1).join('.'))
        const prefix = text.slice(0, length)
        expect(hasPrefix(text, prefix)).toBe(leading.includes(prefix))
      }),
    )
  })
})

describe('scheme and network', () => {
  it.each([
    ['g.a.b', 'g', 'live'],
    ['test.a', 'test', 'test'],
    ['test1.a', 'test1', 'test'],
    ['test2.a', 'test2', 'test'],
    ['test3.a', 'test3', 'test'],
    ['example.a', 'example', undefined],
    ['private.a', 'private', undefined],
    ['peer.config', 'peer', undefined],
    ['self.a', 'self', undefined],
    ['local.a', 'local', undefined],
    ['g', 'g', 'live'],
    ['gg.a', 'gg', undefined],
  ])('%s has the scheme %s and the network %s', (text, name, net) => {
    expect(scheme(text)).toBe(name)
    expect(network(text)).toBe(net)
  })
})
