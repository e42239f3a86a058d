import { describe, expect, test } from 'vitest'
import { isAllowedCallback } from './callback-url.js'

const BASE = 'https://alice.example/ilp'

describe('isAllowedCallback', () => {
  test.each([
    BASE,
    'https://alice.example:443/ilp',
    'https://ALICE.example/ilp?x=1',
    'https://alice.example/ilp/',
    'https://alice.example/ilp/incoming/1',
    'https://alice.example/ilp/a/../b',
  ])('takes %j', url => expect(isAllowedCallback(url, BASE)).toBe(true))

  test.each([
    '',
    '/ilp',
    'http://alice.example/ilp',
    'https://alice.example:444/ilp',
    'https://alice.example',
    'https://alice.example/ilpx',
    'https://alice.example/ILP',
    'https://alice.example/ilp/../admin',
    'https://alice.example/ilp/%2e%2e/admin',
    'https://alice.example/ilp/..%2fadmin',
    'https://alice.example/ilp\\..\\admin',
    'https://alice.example/ilp/..%5Cadmin',
    'https://alice.example.evil.example/ilp',
    'https://evil.example/ilp',
    'https://alice.example@evil.example/ilp',
    'https://user@alice.example/ilp',
    'https://alice.example/ilp#x',
    `https://alice.example/ilp/${'x'.repeat(2_048)}`,
    'ftp://alice.example/ilp',
  ])('refuses %j', url => expect(isAllowedCallback(url, BASE)).toBe(false))

  test('a base with a slash at its end, and one that is a whole host', () => {
    expect(isAllowedCallback('https://alice.example/ilp/x', `${BASE}/`)).toBe(true)
    expect(isAllowedCallback('https://alice.example/x', 'https://alice.example')).toBe(true)
    expect(isAllowedCallback('https://bob.example/x', 'https://alice.example')).toBe(false)
    expect(isAllowedCallback('https://bob.example/x', 'no URL')).toBe(false)
  })
})
