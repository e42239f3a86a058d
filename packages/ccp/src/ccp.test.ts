import { isFulfill, Prepare } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import { serializeCcpRouteUpdateRequest } from 'ilp-protocol-ccp'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bob, carol, code, type Played, peer, route, setUp, TABLE } from '../test/played-peers.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the middleware', () => {
  test('passes other packets on, with the promise that it gets', async () => {
    const { service, inner } = await setUp([bob])
    const request = { from: bob, prepare: testPrepare() }
    const reply = service.call(request)
    const passed = await inner.next()
    expect(passed.request).toBe(request)
    passed.fulfill()
    expect(code(await reply)).toBe('fulfilled')
    await service.stop?.()
  })

  test('answers as npm’s ilp-protocol-ccp expects', async () => {
    const { service, control, update } = await setUp([bob])
    for (const reply of [await control(bob), await update(bob, [route('test.bob')])])
      expect(isFulfill(reply) && Buffer.alloc(32).equals(reply.fulfillment)).toBe(true)
    await service.stop?.()
  })

  test.each<[string, Played]>([
    ['a local account', peer('shop', 'local')],
    [
      'an account that it is to exchange none with',
      peer('bob', 'peer', { sendRoutes: false, receiveRoutes: false }),
    ],
    ['an account that is none', peer('nobody')],
  ])('refuses what comes from %s', async (_, from) => {
    const { service, control, update } = await setUp(from.id === 'nobody' ? [] : [from])
    expect(code(await control(from))).toBe('F00')
    expect(code(await update(from, [route('test.bob')]))).toBe('F00')
    await service.stop?.()
  })

  test('refuses what is no request, and changes nothing by it', async () => {
    const { service, call, table, inner } = await setUp([bob])
    const good = serializeCcpRouteUpdateRequest({
      routingTableId: TABLE,
      currentEpochIndex: 1,
      fromEpochIndex: 0,
      toEpochIndex: 1,
      holdDownTime: 45_000,
      speaker: 'test.bob',
      newRoutes: [route('test.bob')],
      withdrawnRoutes: [],
    })
    const { executionCondition, expiresAt, destination, data } = Prepare.decode(good)
    const packets = [
      { data: data.subarray(0, data.length - 1) },
      { data: Buffer.alloc(0) },
      { units: 1n },
      { executionCondition: Buffer.alloc(32) },
      { destination: 'peer.route.control', data: Buffer.of(9) },
    ]
    for (const wrong of packets) {
      const prepare = Prepare.create({
        units: 0n,
        executionCondition,
        expiresAt,
        destination,
        data,
        ...wrong,
      })
      expect(code(await call(bob, prepare.toBuffer()))).toBe('F00')
    }
    expect(table.size).toBe(0)
    expect(inner.waiting()).toBe(0)
    await service.stop?.()
  })
})

test('a peer is said to be another one when its address or its table is, and else never', async () => {
  const up = peer('up', 'parent')
  const { service, update, changed } = await setUp([up, bob])
  const tell = async (account: Played, more: Parameters<typeof update>[2]) => {
    changed.length = 0
    await update(account, [], more)
    return [...changed]
  }
  expect(await tell(up, { speaker: 'test.up' })).toEqual(['up'])
  expect(await tell(up, { speaker: 'test.up' })).toEqual([])
  expect(await tell(bob, { speaker: 'test.bob' })).toEqual(['bob'])
  expect(await tell(up, { speaker: 'test.moved' })).toEqual(['up'])
  const fresh = { speaker: 'test.moved', routingTableId: 'a0d1a134-a0df-4f47-964f-6e19e2ab3790' }
  expect(await tell(up, fresh)).toEqual(['up'])
  expect(await tell(up, fresh)).toEqual([])
  await service.stop?.()
})

describe('the table', () => {
  test('has the best of each prefix: static, then customers, peers, parents, then the shorter', async () => {
    const kid = peer('kid', 'child', { ilpAddress: 'test.kid' })
    const up = peer('up', 'parent')
    const { service, update, table, ccp } = await setUp([up, carol, bob, kid], {}, [['test.static', 'up']])
    const first = { fromEpochIndex: 0 }
    await update(
      up,
      ['test.x', 'test.kid', 'test.static', 'test.y'].map(prefix => route(prefix)),
      first,
    )
    await update(carol, [route('test.x', ['test.c', 'test.d']), route('test.static')], first)
    expect(Object.fromEntries(table)).toEqual({
      '': 'up',
      'test.static': 'up',
      'test.kid': 'kid',
      'test.x': 'carol',
      'test.y': 'up',
    })
    await update(bob, [route('test.x', ['test.bob'])], first)
    expect(table.get('test.x')).toBe('bob')
    vi.advanceTimersByTime(1)
    ccp.linkDown(bob.id)
    expect(table.get('test.x')).toBe('carol')
    expect(ccp.routes().find(({ prefix }) => prefix === 'test.x')).toMatchObject({
      account: 'carol',
      origin: 'learned',
      path: ['test.c', 'test.d'],
      sinceMs: Date.now(),
    })
    await service.stop?.()
  })
})

test.each([
  { routeBroadcastIntervalMs: 0 },
  { updateIntervalMs: 1.5 },
  { requestTimeoutMs: Number.NaN },
  { pathMax: -1 },
  { routesPerPeerMax: 1e9 },
])('the options %j are refused', async options => {
  await expect(setUp([], options)).rejects.toThrow(RangeError)
})
