import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEndpoint, parseHop, resolvePointer } from './pointer.js'

describe('a payment pointer', () => {
  it.each([
    // Those of RFC 26.
    ['$example.com', 'https://example.com/.well-known/pay'],
    ['$example.com/invoices/12345', 'https://example.com/invoices/12345'],
    ['$bob.example.com', 'https://bob.example.com/.well-known/pay'],
    ['$example.com/bob', 'https://example.com/bob'],
    ['$example.com/', 'https://example.com/.well-known/pay'],
    ['$example.com//', 'https://example.com//'],
    ['$example.com/bob/', 'https://example.com/bob/'],
    ['$Example.COM/Bob', 'https://example.com/Bob'],
    ['$xn--bcher-kva.example/b', 'https://xn--bcher-kva.example/b'],
    ['$example.com/%7Ebob%2F', 'https://example.com/%7Ebob%2F'],
    [`$example.com/@bob:1~!$&'()*+,;=_-.`, `https://example.com/@bob:1~!$&'()*+,;=_-.`],
    ['$93.184.215.14/bob', 'https://93.184.215.14/bob'],
    ['$[2606:2800:21f:cb07::1]/bob', 'https://[2606:2800:21f:cb07::1]/bob'],
  ])('%s leads to %s', (pointer, url) => expect(resolvePointer(pointer)?.href).toBe(url))

  it.each([
    '',
    '$',
    '$/bob',
    'example.com',
    'https://example.com',
    '$https://example.com',
    '$$example.com',
    ' $example.com',
    '$example.com ',
    '$example.com\n',
    '$example.com:443',
    '$example.com:443/bob',
    '$bob@example.com',
    '$bob:secret@example.com/bob',
    '$example.com?to=bob',
    '$example.com/bob?to=carol',
    '$example.com#bob',
    '$example.com/bob#carol',
    '$example.com/a b',
    '$example.com/a\tb',
    '$example.com/%',
    '$example.com/%4',
    '$example.com/%zz',
    '$example.com\\bob',
    '$example.com/a\\b',
    '$example.com/a|b',
    // What URL parsers read as something else.
    '$example.com/a/../b',
    '$example.com/.',
    '$example.com/%2e%2E/b',
    '$127.1/bob',
    '$0x7f000001/bob',
    '$2130706433/bob',
    '$017700000001/bob',
    // Hosts that look like others, or are no names.
    '$bücher.example',
    '$exаmple.com',
    '$example。com',
    '$ex%61mple.com',
    '$example.com%2f@evil.example',
    '$xn--a.example',
    '$[::1',
    '$[bob]/x',
    '$example.com/böb',
    `$example.com/${'a'.repeat(2_048)}`,
  ])('is not %j', pointer => expect(resolvePointer(pointer)).toBeUndefined())

  it('leads to the very host and path that it shows, or nowhere', () => {
    const texts = fc.oneof(
      fc.stringMatching(/^\$[a-zA-Z0-9.%@:[\]_-]{1,12}(\/[ -~]{0,6}){0,3}$/),
      fc.stringMatching(/^\$[0-9xX.]{1,12}(\/[.%2eE~a]{0,6}){0,3}$/),
      fc.string({ unit: 'grapheme' }).map(text => `$${text}`),
    )
    fc.assert(
      fc.property(texts, text => {
        const url = resolvePointer(text)
        if (!url) return
        const slash = text.indexOf('/')
        const host = slash < 0 ? text.slice(1) : text.slice(1, slash)
        const path = slash < 0 ? '' : text.slice(slash)
        expect([url.protocol, url.host, url.username, url.search, url.hash]).toEqual([
          'https:',
          host.toLowerCase(),
          '',
          '',
          '',
        ])
        expect(url.pathname).toBe(path === '' || path === '/' ? '/.well-known/pay' : path)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('the URL of an endpoint', () => {
  it.each([
    ['https://example.com/spsp/alice', 'https://example.com/spsp/alice'],
    ['https://example.com', 'https://example.com/'],
    ['HTTPS://Example.com:8443/a?b=c', 'https://example.com:8443/a?b=c'],
    ['https://example.com/a#b', 'https://example.com/a'],
  ])('may be %s', (text, href) => expect(parseEndpoint(text, false)?.href).toBe(href))

  it.each([
    '',
    'example.com/alice',
    'http://example.com/alice',
    'ftp://example.com/alice',
    'https:example.com',
    'https://',
    'https://example.com@evil.example/alice',
    'https://:secret@evil.example/alice',
    'https://exa\nmple.com/alice',
    'https://example.com\\@evil.example',
    'https://exаmple.com/alice',
    'https://example.com/a b',
    `https://example.com/${'a'.repeat(2_048)}`,
  ])('is not %j', text => expect(parseEndpoint(text, false)).toBeUndefined())

  it('may begin with http where that is allowed', () => {
    expect(parseEndpoint('http://example.com/alice', true)?.href).toBe('http://example.com/alice')
    expect(parseEndpoint('ftp://example.com/alice', true)).toBeUndefined()
  })
})

describe('a redirect', () => {
  const base = 'https://example.com/a/b?c=d'

  it.each([
    ['e', 'https://example.com/a/e'],
    ['/e', 'https://example.com/e'],
    ['//other.example/e', 'https://other.example/e'],
    ['https://other.example/e#f', 'https://other.example/e'],
    ['', base],
  ])('to %j leads to %s', (text, href) => expect(parseHop(text, base, false)?.href).toBe(href))

  it.each(['http://example.com/e', 'https://a:b@example.com/e', 'data:,x', 'https://', 'javascript:1'])(
    'to %s leads nowhere',
    text => expect(parseHop(text, base, false)).toBeUndefined(),
  )
})
