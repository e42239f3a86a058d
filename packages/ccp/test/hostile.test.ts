import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bob, peer, route, setUp, TABLE } from './played-peers.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('hostile updates', () => {
  test('bring nothing into the table that is not the peer’s to say', async () => {
    const kid = peer('kid', 'child', { ilpAddress: 'test.us.kid' })
    const { service, update, table } = await setUp([bob, kid])
    const before = new Map(table)
    await update(bob, [
      route('test'),
      route('g'),
      route(''),
      route('g.elsewhere'),
      route('test.us'),
      route('test.us.kid'),
      route('test.us.other'),
      route('test.through-us', ['test.bob', 'test.us', 'test.x']),
      route(
        'test.endless',
        Array.from({ length: 900 }, (_, i) => `test.n${i}`),
      ),
      route('peer.route.control'),
      route('test.bad segment'),
    ])
    await update(kid, [route('test.bob'), route('test.us.bob')], { fromEpochIndex: 0 })
    expect(table).toEqual(before)
    await service.stop?.()
  })

  test('fill no more than their limit', async () => {
    const { service, update, table } = await setUp([bob], { routesPerPeerMax: 1_000 })
    for (let i = 0; i < 20; i++) {
      await update(
        bob,
        Array.from({ length: 100 }, (_, j) => route(`test.n${i * 100 + j}`)),
      )
    }
    expect(table.size).toBe(1_000)
    await service.stop?.()
  })

  test('are taken 100,000 strong, and told on in as many packets as it needs', async () => {
    const kid = peer('kid', 'child', { ilpAddress: 'test.us.kid' })
    const { service, update, table, control, sentTo } = await setUp([bob, kid])
    for (let i = 0; i < 200; i++) {
      await update(
        bob,
        Array.from({ length: 500 }, (_, j) => route(`test.n${i * 500 + j}`)),
      )
    }
    expect(table.size).toBe(100_001)
    await control(kid)
    await vi.advanceTimersByTimeAsync(1_000)
    const { updates } = sentTo(kid)
    const told = new Set(updates.flatMap(({ newRoutes }) => newRoutes.map(({ prefix }) => prefix)))
    expect(told.size).toBe(100_001)
    expect(updates.at(-1)?.toEpochIndex).toBe(updates.at(-1)?.currentEpochIndex)
    await service.stop?.()
  })

  test('of one prefix, again and again, are told on once a second', async () => {
    const kid = peer('kid', 'child', { ilpAddress: 'test.us.kid' })
    const { service, update, control, sentTo } = await setUp([bob, kid])
    await control(kid)
    await vi.advanceTimersByTimeAsync(1_000)
    sentTo(kid)
    for (let i = 0; i < 1_000; i++) {
      await update(bob, [route('test.x', i % 2 === 0 ? ['test.bob'] : ['test.bob', 'test.y'])])
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(sentTo(kid).updates.length).toBeLessThanOrEqual(11)
    await service.stop?.()
  })

  test('and controls by the thousand cost one update a second', async () => {
    const { service, control, sentTo } = await setUp([bob])
    for (let i = 0; i < 1_000; i++) {
      await control(bob, { lastKnownRoutingTableId: TABLE, lastKnownEpoch: i })
      await vi.advanceTimersByTimeAsync(5)
    }
    expect(sentTo(bob).updates.length).toBeLessThanOrEqual(6)
    await service.stop?.()
  })
})
