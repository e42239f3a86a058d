import { describe, expect, test } from 'vitest'
import { bearerToken } from './authorization.js'

describe('bearerToken', () => {
  test.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   a b=', 'a b='],
    ['Bearer Bearer', 'Bearer'],
  ])('finds the token of %j', (header, token) => expect(bearerToken(header)).toBe(token))

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer    ',
    'abc',
    'Basic YTpi',
    ' Bearer abc',
    'Bearerabc',
  ])('finds none in %j', header => expect(bearerToken(header)).toBeUndefined())
})
