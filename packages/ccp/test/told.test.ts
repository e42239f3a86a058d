import { testReject } from '@ilp/service-testing'
import { Mode } from 'ilp-protocol-ccp'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bob, carol, INTERVAL_MS, peer, route, setUp } from './played-peers.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('what a peer is told', () => {
  test('are this node’s own address, its customers’ and static routes, with paths and hold-down time', async () => {
    const kid = peer('kid', 'child', { ilpAddress: 'test.kid' })
    const shop = peer('shop', 'local', { ilpAddress: 'test.us.shop' })
    const { service, control, sentTo, update } = await setUp([bob, carol, kid, shop], {}, [
      ['test.static', 'carol'],
    ])
    await update(carol, [route('test.carol', ['test.carol'])])
    await control(bob)
    await vi.advanceTimersByTimeAsync(0)
    const [update1] = sentTo(bob).updates
    expect(update1).toMatchObject({ speaker: 'test.us', holdDownTime: 45_000, fromEpochIndex: 0 })
    expect(update1?.newRoutes.map(({ prefix, path }) => [prefix, ...path])).toEqual([
      ['test.us', 'test.us'],
      ['test.kid', 'test.us', 'test.kid'],
      ['test.static', 'test.us'],
    ])
    await service.stop?.()
  })

  test('comes when it asks, and not any more when it asks for none', async () => {
    const { service, control, sentTo } = await setUp([bob])
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(sentTo(bob).updates).toEqual([])
    await control(bob)
    await vi.advanceTimersByTimeAsync(2 * INTERVAL_MS)
    expect(sentTo(bob).updates).toHaveLength(3)
    await control(bob, { mode: Mode.MODE_IDLE })
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS)
    expect(sentTo(bob).updates).toEqual([])
    await service.stop?.()
  })

  test('comes unasked to one that tells its own routes, unless it says no', async () => {
    const { service, update, sentTo, answers } = await setUp([bob, carol])
    answers.set(carol.id, () => testReject({ code: 'F00' }))
    for (const each of [bob, carol]) await update(each, [route('test.bob')], { fromEpochIndex: 0 })
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS)
    expect(sentTo(bob).updates.length).toBeGreaterThan(4)
    expect(sentTo(carol).updates).toHaveLength(1)
    await service.stop?.()
  })

  test('goes on where it is when the peer knows that', async () => {
    const { service, control, sentTo } = await setUp([bob])
    await control(bob)
    await vi.advanceTimersByTimeAsync(0)
    const [first] = sentTo(bob).updates
    await control(bob, {
      lastKnownRoutingTableId: first?.routingTableId ?? '',
      lastKnownEpoch: first?.toEpochIndex ?? 0,
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sentTo(bob).updates).toMatchObject([{ fromEpochIndex: 1, toEpochIndex: 1, newRoutes: [] }])
    await service.stop?.()
  })

  test('goes on, as another table, when its account gets another address', async () => {
    const kid = peer('kid', 'child', { ilpAddress: 'test.us.kid' })
    const { service, control, sentTo, putAccount } = await setUp([kid])
    await control(kid)
    await vi.advanceTimersByTimeAsync(0)
    const before = sentTo(kid)
    putAccount({ ...kid, ilpAddress: 'test.us.moved' })
    await vi.advanceTimersByTimeAsync(0)
    const after = sentTo(kid)
    expect(after.updates).toHaveLength(1)
    expect(after.updates[0]?.routingTableId).not.toBe(before.updates[0]?.routingTableId)
    expect(after.controls).toHaveLength(1)
    await control(kid, { mode: Mode.MODE_IDLE })
    putAccount(kid)
    await vi.advanceTimersByTimeAsync(0)
    expect(sentTo(kid).updates).toEqual([])
    await service.stop?.()
  })

  test('is not told more often than it answers', async () => {
    const { service, control, sentTo, answers } = await setUp([bob])
    answers.set(bob.id, () => testReject({ code: 'T01' }))
    await control(bob)
    await vi.advanceTimersByTimeAsync(10 * INTERVAL_MS)
    expect(sentTo(bob).updates.length).toBeLessThan(18)
    await service.stop?.()
  })

  test('survives a chain that throws, which is logged', async () => {
    const { service, control, answers, logger } = await setUp([bob])
    answers.set(bob.id, () => {
      throw new Error('a bug')
    })
    await control(bob)
    await vi.advanceTimersByTimeAsync(10)
    expect(logger.entries).toMatchObject([{ level: 'error', fields: { account: 'bob' } }])
    answers.clear()
    await service.stop?.()
  })
})
