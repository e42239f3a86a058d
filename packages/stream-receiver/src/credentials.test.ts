import { isAddress } from '@ilp/service-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectionTerms, streamCredentials, TAG_LENGTH_MAX } from './index.js'

const credentials = streamCredentials(Buffer.alloc(32, 1))
const address = 'test.node.alice'
const octets = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(all => Buffer.from(all))
const terms: fc.Arbitrary<ConnectionTerms> = fc.record(
  {
    tag: fc.string({ unit: 'binary', maxLength: 50 }),
    receipts: fc.record({ nonce: octets(16), secret: octets(32) }),
  },
  { requiredKeys: [] },
)

describe('credentials', () => {
  it('give their terms and the shared secret back, to any process that has the secret', () => {
    fc.assert(
      fc.property(terms, agreed => {
        const issued = credentials.issue(address, agreed)
        expect(isAddress(issued.destinationAccount)).toBe(true)
        expect(issued.receiptsEnabled).toBe(agreed.receipts && true)
        const elsewhere = streamCredentials(Buffer.alloc(32, 1))
        expect(elsewhere.open(address, issued.destinationAccount)).toEqual({ ...issued, ...agreed })
      }),
    )
  })

  it('are other ones each time', () => {
    const issued = Array.from({ length: 100 }, () => credentials.issue(address, { tag: 'invoice' }))
    expect(new Set(issued.map(({ destinationAccount }) => destinationAccount)).size).toBe(100)
    expect(new Set(issued.map(({ sharedSecret }) => sharedSecret.toString('hex'))).size).toBe(100)
  })

  it('do not show the tag or the receipt secret in the account', () => {
    const secret = Buffer.from('a secret of thirty-two octets...')
    const nonce = Buffer.alloc(16, 1)
    const { destinationAccount } = credentials.issue(address, { tag: 'invoice', receipts: { nonce, secret } })
    const token = Buffer.from(destinationAccount.slice(address.length + 1), 'base64url')
    for (const hidden of [secret, nonce, Buffer.from('invoice')]) expect(token.includes(hidden)).toBe(false)
  })

  it('are good for their receiver only', () => {
    const { destinationAccount } = credentials.issue(address)
    const token = destinationAccount.slice(address.length + 1)
    expect(credentials.open('test.node.bob', `test.node.bob.${token}`)).toBeUndefined()
    expect(credentials.open('test.node.bob', destinationAccount)).toBeUndefined()
    expect(credentials.open('test.node', destinationAccount)).toBeUndefined()
    expect(streamCredentials(Buffer.alloc(32, 2)).open(address, destinationAccount)).toBeUndefined()
  })

  it('can not be changed', () => {
    const { destinationAccount } = credentials.issue(address, { tag: 'invoice' })
    const token = Buffer.from(destinationAccount.slice(address.length + 1), 'base64url')
    for (let bit = 0; bit < token.length * 8; bit++) {
      const changed = Buffer.from(token)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(credentials.open(address, `${address}.${changed.toString('base64url')}`)).toBeUndefined()
    }
  })

  it('have another shared secret when the token is spelled in another way', () => {
    const issued = credentials.issue(address)
    const opened = credentials.open(address, `${issued.destinationAccount}.A`)
    expect(opened?.sharedSecret).not.toEqual(issued.sharedSecret)
  })

  it.each(['', '.', '.A', `.${'A'.repeat(43)}`, `.${'A'.repeat(44)}`, '.~~~', `.${'A'.repeat(900)}`])(
    'are not in an address that ends in "%s"',
    end => {
      expect(credentials.open(address, `${address}${end}`)).toBeUndefined()
    },
  )

  it('are refused for what can not be', () => {
    expect(() => streamCredentials(Buffer.alloc(31))).toThrow(RangeError)
    expect(() => credentials.issue(address, { tag: 'x'.repeat(TAG_LENGTH_MAX) })).not.toThrow()
    const [nonce, secret] = [Buffer.alloc(16), Buffer.alloc(32)]
    for (const [where, wrong] of [
      [address, { tag: 'x'.repeat(TAG_LENGTH_MAX + 1) }],
      [address, { receipts: { nonce: Buffer.alloc(15), secret } }],
      [address, { receipts: { nonce, secret: Buffer.alloc(31) } }],
      [`test.${'a'.repeat(1_000)}`, {}],
      ['no address', {}],
    ] as const) {
      expect(() => credentials.issue(where, wrong)).toThrow(RangeError)
    }
  })
})
