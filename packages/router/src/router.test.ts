import type { Account, AccountId, OutgoingRequest } from '@ilp/service-core'
import { scriptedService, testAccount, testPrepare, testReject } from '@ilp/service-testing'
import { describe, expect, test } from 'vitest'
import { router } from './router.js'
import { createRoutingTable } from './routing-table.js'

const alice = testAccount('alice')
const bob = testAccount('bob', { relation: 'peer' })
const self = testAccount('self', { relation: 'local' })

function routerWith(routes: Record<string, Account>, address = 'test.node') {
  const table = createRoutingTable()
  for (const [prefix, { id }] of Object.entries(routes)) table.put(prefix, id)
  const accounts = new Map([alice, bob, self].map(account => [account.id as AccountId, account as Account]))
  const inner = scriptedService<OutgoingRequest>()
  const service = router({ table, accounts, address: () => address })(inner)
  const call = (destination: string, from: Account = alice) =>
    service.call({ from, prepare: testPrepare({ destination }) })
  return { accounts, inner, service, call }
}

test('the request goes on with the next hop and the amount that came in', async () => {
  const { inner, service } = routerWith({ 'test.bob': bob })
  const prepare = testPrepare({ destination: 'test.bob.x', units: 2n ** 64n - 1n })
  const reply = service.call({ from: alice, prepare })
  const call = await inner.next()
  expect(call.request).toEqual({ from: alice, to: bob, prepare, incomingAmount: 2n ** 64n - 1n })
  const answer = testReject({ code: 'T77' })
  call.answer(answer)
  expect(await reply).toBe(answer)
})

test('the promise of the next service is returned as it is', () => {
  const promise = Promise.resolve(testReject())
  const table = { nextHop: () => bob.id }
  const service = router({ table, accounts: { get: () => bob }, address: () => 'test.node' })({
    ready: () => Promise.resolve(),
    call: () => promise,
  })
  expect(service.call({ from: alice, prepare: testPrepare() })).toBe(promise)
})

describe('F02', () => {
  const refused = { code: 'F02', triggeredBy: 'test.node' }

  test('without a route', async () => {
    const { call, inner } = routerWith({ 'test.bob': bob })
    expect(await call('test.bobby')).toMatchObject(refused)
    expect(inner.waiting()).toBe(0)
  })

  test('when the account of the next hop is gone', async () => {
    const { accounts, call } = routerWith({ 'test.bob': bob })
    accounts.delete(bob.id)
    expect(await call('test.bob.x')).toMatchObject(refused)
  })

  test.each(['peer.config', 'peer.route.update', 'peer.anything', 'self.x'])(
    'for %s, whatever the routes say',
    async destination => {
      const { call, inner } = routerWith({ '': bob, peer: bob, self: bob })
      expect(await call(destination)).toMatchObject(refused)
      expect(inner.waiting()).toBe(0)
    },
  )

  test('when the route leads back to where the packet came from', async () => {
    const { call } = routerWith({ '': bob })
    expect(await call('test.x', bob)).toMatchObject(refused)
  })
})

test('a packet from a local account to itself stays inside the node and goes on', async () => {
  const { call, inner } = routerWith({ 'test.node.self': self })
  const reply = call('test.node.self.x', self)
  const { request, fulfill } = await inner.next()
  expect(request.to).toBe(self)
  fulfill()
  await reply
})

describe('networks', () => {
  test.each([
    ['test.node', 'g.x'],
    ['test1.node', 'g.x'],
    ['g.node', 'test.x'],
    ['g.node', 'test3.x'],
  ])('the node %s answers F02 for %s, whatever the routes say', async (address, destination) => {
    const { call, inner } = routerWith({ '': bob, g: bob, test: bob, test3: bob }, address)
    expect(await call(destination)).toMatchObject({ code: 'F02', triggeredBy: address })
    expect(inner.waiting()).toBe(0)
  })

  test.each([
    ['g.node', 'g.x'],
    ['test.node', 'test2.x'],
    ['g.node', 'private.x'],
    ['private.node', 'g.x'],
    ['', 'g.x'],
  ])('the node %j forwards packets for %s', async (address, destination) => {
    const { call, inner } = routerWith({ '': bob }, address)
    const reply = call(destination)
    ;(await inner.next()).fulfill()
    await reply
  })
})
