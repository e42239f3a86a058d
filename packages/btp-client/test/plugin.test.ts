import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { BtpPlugin, createNode, dialled, sessions } from './harness.js'

/** npm's plugin as a server on a free port. Its `connect` settles when a client has authenticated. */
async function startPlugin() {
  const http = createServer()
  // What it is told as its port, it hands to the server's `listen` as it stands.
  const port = { host: '127.0.0.1', port: 0 }
  const plugin = new BtpPlugin({ listener: { port, secret: 'node-token', wsOpts: { server: http } } })
  const connected = plugin.connect()
  await once(http, 'listening')
  return { plugin, connected, url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/` }
}

test('npm ilp-plugin-btp as a server: packets in both directions', async () => {
  const { plugin, connected, url } = await startPlugin()
  const bob = dialled(`btp+${url}`)
  await using node = createNode([bob])
  const there = testPrepare({ data: Buffer.alloc(32_767, 1) })
  plugin.registerDataHandler(packet => {
    expect(packet).toEqual(there.toBuffer())
    return Promise.resolve(testReject({ code: 'T04' }).toBuffer())
  })
  node.pool.serve(() => Promise.resolve(testFulfill({ data: Buffer.from('thanks') })))
  await node.chain.start()
  await connected
  await sessions(node.pool, bob, 1)
  expect(await node.pool.send(bob.id, there)).toEqual(testReject({ code: 'T04' }))
  const back = await plugin.sendData(testPrepare().toBuffer())
  expect(back).toEqual(testFulfill({ data: Buffer.from('thanks') }).toBuffer())
  await plugin.disconnect()
  await sessions(node.pool, bob, 0)
})

test('npm ilp-plugin-btp refuses a wrong token, and takes the right one later', async () => {
  const { plugin, connected, url } = await startPlugin()
  connected.catch(() => {})
  const bob = dialled(url)
  await using node = createNode([bob])
  node.tokens.set(bob.id, 'wrong')
  await node.chain.start()
  await expect.poll(() => node.sayings()).toEqual(['BTP peer refuses the credentials'])
  node.tokens.set(bob.id, 'node-token')
  await sessions(node.pool, bob, 1)
  await plugin.disconnect()
})
