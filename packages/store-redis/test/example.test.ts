import { redisServer } from '@ilp/test-servers'
import { expect, it } from 'vitest'
import { pay } from '../example/usage.js'

it('the example pays and settles, keeps what it paid, and respects the minimum', async () => {
  await using server = await redisServer()
  const sent: bigint[] = []
  const send = async (_: string, amount: bigint) => void sent.push(amount)
  expect(await pay(server.url, 600n, send, server.prefix)).toBe('600')
  expect(await pay(server.url, 400n, send, server.prefix)).toBe('200')
  expect(await pay(server.url, 1n, send, server.prefix)).toBe('below-minimum')
  expect(sent).toEqual([800n])
})
