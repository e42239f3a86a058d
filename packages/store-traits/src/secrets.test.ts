import { describe, expect, it } from 'vitest'
import { createSecrets } from './secrets.js'

const seed = (fill: number) => new Uint8Array(32).fill(fill)
const secrets = createSecrets(seed(1))
const TEXTS = ['', 'token', 'ünïcödé ☃ 💶', 'x'.repeat(10_000)]

describe('token hashes', () => {
  it('are the same for the same token and secret, and different for any other', () => {
    const hashes = TEXTS.flatMap(text => [secrets.hashToken(text), createSecrets(seed(2)).hashToken(text)])
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(createSecrets(seed(1)).hashToken('token')).toBe(secrets.hashToken('token'))
  })

  it('say nothing of the token', () => {
    expect(secrets.hashToken('a token')).not.toContain('a token')
    expect(secrets.hashToken('x'.repeat(10_000)).length).toBe(secrets.hashToken('').length)
  })

  it('are known under former secrets, the current one first', () => {
    const rotated = createSecrets(seed(3), [seed(2), seed(1)])
    expect(rotated.hashToken('token')).toBe(createSecrets(seed(3)).hashToken('token'))
    expect(rotated.tokenHashes('token')).toEqual(
      [seed(3), seed(2), seed(1)].map(one => createSecrets(one).hashToken('token')),
    )
  })
})

describe('sealed texts', () => {
  it('are opened again in their context', () => {
    for (const text of TEXTS) expect(secrets.open(secrets.seal(text, 'here'), 'here')).toBe(text)
  })

  it('look different each time, and say nothing of the text', () => {
    const sealed = Array.from({ length: 50 }, () => secrets.seal('a token', 'here'))
    expect(new Set(sealed).size).toBe(50)
    for (const one of sealed) expect(Buffer.from(one, 'base64url').includes('token')).toBe(false)
  })

  it('are refused in another context', () => {
    const sealed = secrets.seal('token', 'alice/btp')
    for (const context of ['alice/http', 'bob/btp', '']) {
      expect(() => secrets.open(sealed, context)).toThrow()
    }
  })

  it('are opened under a former secret', () => {
    const rotated = createSecrets(seed(2), [seed(1)])
    expect(rotated.open(secrets.seal('token', 'here'), 'here')).toBe('token')
    expect(() => secrets.open(rotated.seal('token', 'here'), 'here')).toThrow(/secret/)
    expect(() => createSecrets(seed(2)).open(secrets.seal('token', 'here'), 'here')).toThrow(/secret/)
  })

  it('are refused when a single bit has changed', () => {
    const [id = '', body = ''] = secrets.seal('token', 'here').split('.')
    const bytes = Buffer.from(body, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => secrets.open(`${id}.${changed.toString('base64url')}`, 'here')).toThrow()
    }
  })

  it('are refused when anything is missing, also of the tag alone', () => {
    const [id = '', body = ''] = secrets.seal('', 'here').split('.')
    const bytes = Buffer.from(body, 'base64url')
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length).toString('base64url')
      expect(() => secrets.open(`${id}.${cut}`, 'here'), `${length} octets`).toThrow()
    }
    for (const sealed of ['', '.', id, `${id}.`, `.${body}`, `x.${body}`]) {
      expect(() => secrets.open(sealed, 'here')).toThrow(/secret/)
    }
  })
})

describe('the secret of a node', () => {
  it.each([0, 16, 31, 33, 64])('cannot have %d octets', length => {
    expect(() => createSecrets(new Uint8Array(length))).toThrow(RangeError)
    expect(() => createSecrets(seed(1), [new Uint8Array(length)])).toThrow(RangeError)
  })
})
