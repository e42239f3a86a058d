import { describe, expect, it } from 'vitest'
import { accountId, isAccountId } from './index.js'

describe('an account id', () => {
  it.each(['a', 'bob', 'Bob-1_2~3.4', '0', '~', '_', '-', 'a..b', 'x'.repeat(128)])('may be %j', text => {
    expect(isAccountId(text)).toBe(true)
    expect(accountId(text)).toBe(text)
  })

  it.each([
    '',
    '.',
    '..',
    '.bob',
    'a/b',
    'a b',
    'a:b',
    'a%2e',
    'a?b',
    'a#b',
    'ü',
    'bob\n',
    '\nbob',
    'a\0',
    'x'.repeat(129),
  ])('may not be %j', text => {
    expect(isAccountId(text)).toBe(false)
    expect(() => accountId(text)).toThrow(TypeError)
  })

  it('stands in a URL path as it is', () => {
    const id = accountId('Bob-1_2~3.4')
    expect(encodeURIComponent(id)).toBe(id)
    expect(new URL(`http://localhost/accounts/${id}/balance`).pathname).toBe(`/accounts/${id}/balance`)
  })
})
