import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAnswer } from './answer.js'

const SPSP = 'application/spsp4+json'
// The one in RFC 9.
const secret = '6jR5iNIVRvqeasJeCty6C+YB5X9FhSOUPCL/5nha5Vs='
const fields = { destination_account: 'example.ilpdemo.red.bob', shared_secret: secret }

const parse = (more: object = {}, { type = SPSP, cacheControl = '' } = {}) =>
  parseAnswer(type, cacheControl, JSON.stringify({ ...fields, ...more }))

describe('an answer', () => {
  it('has the receiver’s address and secret', () => {
    expect(parse()).toEqual({
      destinationAddress: 'example.ilpdemo.red.bob',
      sharedSecret: Buffer.from(secret, 'base64'),
      receiptsEnabled: false,
      maxAgeMs: 0,
    })
  })

  it('may have fields that are not known', () => {
    expect(parse({ ledger_info: null, asset: { code: 'USD' }, hops: [], __proto__: 1 })).toEqual(parse())
  })

  it.each([
    SPSP,
    'application/spsp+json',
    'Application/SPSP4+JSON; charset=utf-8',
    'application/spsp4+json ;v=1',
  ])('may have the type %s', type => expect(parse({}, { type })).toEqual(parse()))

  it.each([
    '',
    'application/json',
    'text/html',
    'application/spsp4+jsonx',
    'application/spsp3+json',
    `x, ${SPSP}`,
  ])('has not the type %j', type => expect(parse({}, { type })).toBeUndefined())

  it('may have its 32 octets in either base64, padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), octets => {
        const sharedSecret = Buffer.from(octets)
        for (const encoding of ['base64', 'base64url'] as const) {
          const text = sharedSecret.toString(encoding)
          for (const shared_secret of [text, text.replace('=', ''), text.padEnd(44, '=')]) {
            expect(parse({ shared_secret })?.sharedSecret).toEqual(sharedSecret)
          }
        }
      }),
    )
  })

  it.each([
    undefined,
    null,
    5,
    [],
    '',
    '====',
    Buffer.alloc(31).toString('base64'),
    Buffer.alloc(33).toString('base64'),
    Buffer.alloc(32).toString('hex'),
    `${secret}=`,
    `${secret}\n`,
    ` ${secret}`,
    secret.replace('6', '!'),
  ])('has not the secret %j', shared_secret => expect(parse({ shared_secret })).toBeUndefined())

  it.each([
    undefined,
    null,
    7,
    {},
    '',
    'alice',
    'g.',
    'g..a',
    'http://g.alice',
    'g.alice ',
    `g.${'a'.repeat(1_022)}`,
  ])('has not the address %j', destination_account => expect(parse({ destination_account })).toBeUndefined())

  it.each(['', '{', 'null', '7', '"text"', '[]', '[{}]', '<html>'])('is not %s', body => {
    expect(parseAnswer(SPSP, '', body)).toBeUndefined()
  })

  it('says whether there will be receipts', () => {
    expect(parse({ receipts_enabled: true })?.receiptsEnabled).toBe(true)
    for (const receipts_enabled of [false, null, 1, 'true']) {
      expect(parse({ receipts_enabled })?.receiptsEnabled).toBe(false)
    }
  })

  it.each([
    ['max-age=60', 60_000],
    ['private, Max-Age=5', 5_000],
    ['max-age=0', 0],
    ['max-age=99999999999999999999', 2 ** 31 * 1_000],
    ['max-age=60, no-cache', 0],
    ['no-store,max-age=60', 0],
    ['no-cache', 0],
    ['', 0],
    ['max-age=-1', 0],
    ['max-age=1.5', 0],
    ['max-age', 0],
    ['s-maxage=60', 0],
  ])('with Cache-Control %j may be used for %d ms', (cacheControl, maxAgeMs) => {
    expect(parse({}, { cacheControl })?.maxAgeMs).toBe(maxAgeMs)
  })
})
