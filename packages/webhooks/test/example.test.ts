import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { receiver, tellOfALink } from '../example/usage.js'

it('the example tells of one event, and takes it', async () => {
  const taken: unknown[] = []
  const server = receiver(event => void taken.push(event)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await tellOfALink(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  server.close()
  expect(taken).toMatchObject([{ type: 'link-down', data: { account: 'bob' } }])
})
