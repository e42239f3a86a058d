import { expect, test } from 'vitest'
import { whoIs } from '../example/usage.js'
import { sign } from './helpers.js'

test('the example knows alice by her token, bob by what he signed, and nobody else', async () => {
  const key = Buffer.from('a secret of 32 octets or more, shared')
  const claims = { sub: 'bob' }
  expect(await whoIs('Bearer alices-token')).toBe('alice')
  expect(await whoIs(`Bearer ${await sign({ algorithm: 'HS256', key, claims })}`)).toBe('bob')
  expect(await whoIs(`Bearer ${await sign({ algorithm: 'HS256', key: Buffer.alloc(32), claims })}`)).toBe(
    'nobody',
  )
})
