import { expect, it } from 'vitest'
import { StoreError } from '../error.js'
import { rateLimitTrait, TokenBuckets } from './token-buckets.js'

const terms = { perMinute: 60n, capacity: 60n }

it('those that have filled again are forgotten, the others kept, however many', () => {
  const clock = { ms: 0 }
  const buckets = new TokenBuckets(() => clock.ms)
  for (let i = 0; i < 5_000; i++) {
    buckets.take(`bucket-${i}`, terms, 1n)
    // Twenty a second: what each has given is back after a second.
    clock.ms += 50
  }
  expect(buckets.size).toBeLessThanOrEqual(1_024)
  for (let i = 0; i < 5_000; i++) buckets.take(`other-${i}`, terms, 60n)
  for (let i = 0; i < 5_000; i++) expect(buckets.take(`other-${i}`, terms, 1n)).toBe(0n)
})

it.each<[string, () => Parameters<TokenBuckets['take']>]>([
  ['an empty name', () => ['', terms, 1n]],
  ['a name of more than 255 characters', () => ['a'.repeat(256), terms, 1n]],
  ['half a character', () => ['\ud800', terms, 1n]],
  ['no tokens', () => ['a', terms, 0n]],
  ['tokens below 0', () => ['a', terms, -1n]],
  ['a limit below 0', () => ['a', { ...terms, perMinute: -1n }, 1n]],
  ['a capacity below 0', () => ['a', { ...terms, capacity: -1n }, 1n]],
])('%s cannot be asked for', (_, asked) => {
  const buckets = new TokenBuckets(() => 0)
  expect(() => buckets.take(...asked())).toThrow(RangeError)
  expect(() => buckets.give(...asked())).toThrow(RangeError)
  expect(buckets.size).toBe(0)
})

it('numbers are no tokens', () => {
  const buckets = new TokenBuckets(() => 0)
  expect(() => buckets.take('a', terms, 1 as unknown as bigint)).toThrow(TypeError)
})

it('as a trait they are there while the store is open', async () => {
  let isOpen = true
  const { take, give } = rateLimitTrait(new TokenBuckets(() => 0), () => {
    if (!isOpen) throw new StoreError('ERR_STORE_CLOSED', 'closed')
  })
  expect(await take('a', terms, 100n)).toBe(60n)
  await give('a', terms, 5n)
  isOpen = false
  await expect(take('a', terms, 1n)).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
  await expect(give('a', terms, 1n)).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
  isOpen = true
  expect(await take('a', terms, 100n)).toBe(5n)
})
