import { createListener } from '@ilp/listener'
import { createRoutingTable } from '@ilp/router'
import { decodeReply, isFulfill, silentLogger } from '@ilp/service-core'
import { testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'
import { expect, it, onTestFinished } from 'vitest'
import { createRelay, type RelayAccount } from '../src/index.js'

/** A node that fulfills everything that is posted to it. */
async function nextHop(): Promise<string> {
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  listener.handle('POST', '/ilp', (_, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    response.end(testFulfill().toBuffer())
  })
  await listener.start()
  onTestFinished(() => listener.stop())
  return `${listener.url()}/ilp`
}

it('a relay lets an account send to the addresses of its list, over HTTP', async () => {
  const store = createMemoryStore<RelayAccount>({ secrets: createSecrets(new Uint8Array(32).fill(1)) })
  await store.start()
  onTestFinished(() => store.stop())
  const bob = testAccount('bob')
  const shop = testAccount('shop', { http: { outgoingUrl: await nextHop() } })
  for (const account of [bob, shop]) await store.accounts.put(account)
  await store.credentials.setIncomingTokens(bob.id, 'http', ['bobs-token'])
  const table = createRoutingTable()
  table.put('test', shop.id)
  const lists = { prefixesOf: () => ['test.shop'] }
  const relay = createRelay({ store, table, lists, address: () => 'test.node', logger: silentLogger })
  await relay.start()
  onTestFinished(() => relay.stop())

  const send = async (destination: string) => {
    const response = await fetch(`${relay.url()}/ilp`, {
      method: 'POST',
      headers: { authorization: 'Bearer bobs-token', 'content-type': 'application/octet-stream' },
      body: new Uint8Array(testPrepare({ destination }).toBuffer()),
    })
    const reply = decodeReply(Buffer.from(await response.arrayBuffer()))
    return isFulfill(reply) ? 'fulfilled' : `${reply.code} ${reply.message}`
  }
  expect(await send('test.shop.till')).toBe('fulfilled')
  expect(await send('test.other')).toBe('F02 this account may not send there')
})
