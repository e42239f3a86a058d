import { describe, expect, test } from 'vitest'
import { bearerToken, isPacketType } from './headers.js'

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

describe('isPacketType', () => {
  test.each([
    'application/octet-stream',
    'application/ilp+octet-stream',
    'Application/Octet-Stream',
    'application/octet-stream; charset=binary',
    ' application/ilp+octet-stream ;x=y',
  ])('takes %j', type => expect(isPacketType(type)).toBe(true))

  test.each([
    undefined,
    '',
    ';',
    'application/json',
    'application/octet-streams',
    'octet-stream',
    'text/plain',
  ])('refuses %j', type => expect(isPacketType(type)).toBe(false))
})
