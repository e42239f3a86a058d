import { describe, expect, test } from 'vitest'
import { isPacketType, isRequestId, prefersAsync } from './headers.js'

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

describe('prefersAsync', () => {
  test.each([
    'respond-async',
    'Respond-Async',
    'respond-async, wait=10',
    'wait=10 , respond-async',
    'respond-async; x=y',
    'return=minimal,respond-async;x',
  ])('finds the preference in %j', header => expect(prefersAsync(header)).toBe(true))

  test.each([undefined, '', 'wait=10', 'respond-asynchronously', 'no-respond-async', 'x=respond-async'])(
    'finds none in %j',
    header => expect(prefersAsync(header)).toBe(false),
  )
})

describe('isRequestId', () => {
  test.each(['42ee09c8-a6de-4ae3-8a47-4732b0cbb07b', '42EE09C8-A6DE-4AE3-8A47-4732B0CBB07B'])(
    'takes %j',
    id => expect(isRequestId(id)).toBe(true),
  )

  test.each([
    '',
    '42ee09c8-a6de-4ae3-8a47-4732b0cbb07',
    '42ee09c8a6de4ae38a474732b0cbb07b',
    '42ee09c8-a6de-4ae3-8a47-4732b0cbb07b, 42ee09c8-a6de-4ae3-8a47-4732b0cbb07b',
    '42ee09c8-a6de-4ae3-8a47-4732b0cbb07g',
  ])('refuses %j', id => expect(isRequestId(id)).toBe(false))
})
