import { accountId } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { BtpPlugin, startNode } from './harness.js'

const ALICE = accountId('alice')

const plugin = (url: string, options: object) =>
  new BtpPlugin({ server: `btp+${url}`, reconnectIntervals: [60_000], ...options })

test.each([
  ['the token in its options', (url: string) => plugin(`${url}/btp`, { btpToken: 'alice-token' })],
  [
    'account and token in its options',
    (url: string) => plugin(`${url}/btp`, { btpAccount: 'alice', btpToken: 'alice-token' }),
  ],
  [
    'account and token in its URL',
    (url: string) => plugin(`${url.replace('ws://', 'ws://alice:alice-token@')}/accounts/alice/ilp/btp`, {}),
  ],
])('npm ilp-plugin-btp as a client, with %s: packets in both directions', async (_name, create) => {
  await using node = await startNode()
  const client = create(node.url)
  client.registerDataHandler(packet => {
    expect(packet).toEqual(back.toBuffer())
    return Promise.resolve(testReject({ code: 'T02' }).toBuffer())
  })
  await client.connect()
  const there = testPrepare({ units: 42n, data: Buffer.alloc(32_767, 1) })
  const answer = client.sendData(there.toBuffer())
  const call = await node.inner.next()
  expect(call.request.prepare.toBuffer()).toEqual(there.toBuffer())
  call.answer(testFulfill({ data: Buffer.from('thanks') }))
  expect(await answer).toEqual(testFulfill({ data: Buffer.from('thanks') }).toBuffer())

  const back = testPrepare({ units: 2n ** 64n - 1n })
  expect(await node.pool.send(ALICE, back)).toEqual(testReject({ code: 'T02' }))
  await client.disconnect()
  await expect.poll(() => node.pool.count(ALICE)).toBe(0)
})

test('npm ilp-plugin-btp with a wrong token is not let in', async () => {
  await using node = await startNode()
  const client = plugin(`${node.url}/btp`, { btpToken: 'wrong' })
  await expect(client.connect()).rejects.toThrow()
  await client.disconnect()
  expect(node.pool.stats()).toEqual([])
})

test('npm ilp-plugin-btp without a handler for packets answers with an Error, which is T00', async () => {
  await using node = await startNode()
  const client = plugin(`${node.url}/btp`, { btpToken: 'alice-token' })
  await client.connect()
  expect(await node.pool.send(ALICE, testPrepare())).toMatchObject({ code: 'T00' })
  await client.disconnect()
})
