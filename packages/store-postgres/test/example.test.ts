import { postgresServer } from '@ilp/test-servers'
import { expect, it } from 'vitest'
import { pay } from '../example/usage.js'

it('the example pays, keeps what it paid, and respects the minimum', async () => {
  await using server = await postgresServer()
  const url = await server.createDatabase()
  expect(await pay(url, 600n)).toBe('600')
  expect(await pay(url, 400n)).toBe('1000')
  expect(await pay(url, 1n)).toBe('below-minimum')
})
