import { redisServer } from '@ilp/test-servers'
import { expect, it } from 'vitest'
import { pay } from '../example/usage.js'

it('the example pays, keeps what it paid, and respects the minimum', async () => {
  await using server = await redisServer()
  expect(await pay(server.url, 600n, server.prefix)).toBe('600')
  expect(await pay(server.url, 400n, server.prefix)).toBe('1000')
  expect(await pay(server.url, 1n, server.prefix)).toBe('below-minimum')
})
