import { accountId } from '@ilp/service-core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KnownTokens } from './known-tokens.js'

const ALICE = accountId('alice')

test('a connection is known by exactly what it said the last time', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (said, says) => {
      const tokens = new KnownTokens()
      const connection = {}
      tokens.remember(connection, said, ALICE)
      expect(tokens.account(connection, said)).toBe(ALICE)
      expect(tokens.account(connection, says)).toBe(says === said ? ALICE : undefined)
    }),
  )
})

test('a beginning, a repetition or nothing of it will not do', () => {
  const tokens = new KnownTokens()
  const connection = {}
  tokens.remember(connection, 'abab', ALICE)
  for (const wrong of ['', 'a', 'ab', 'aba', 'ababab', 'abababab', 'abac', 'ABAB']) {
    expect(tokens.account(connection, wrong)).toBeUndefined()
  }
})

test('another connection is not known, and none when tokens have changed', () => {
  const tokens = new KnownTokens()
  const connection = {}
  tokens.remember(connection, 'token', ALICE)
  expect(tokens.account({}, 'token')).toBeUndefined()
  tokens.forget()
  expect(tokens.account(connection, 'token')).toBeUndefined()
})
