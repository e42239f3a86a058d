import { testReject } from '@ilp/service-testing'
import { Mode } from 'ilp-protocol-ccp'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HOLD_DOWN_MAX_MS } from '../src/index.js'
import { bob, code, INTERVAL_MS, peer, route, setUp, TABLE } from './played-peers.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a peer', () => {
  test('is asked at the start, and again until it has told its routes', async () => {
    const { service, answers, sentTo, update } = await setUp([bob], { updateIntervalMs: 1_000 })
    expect(sentTo(bob).controls).toMatchObject([{ mode: Mode.MODE_SYNC, lastKnownEpoch: 0 }])
    answers.set(bob.id, () => testReject({ code: 'T01' }))
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS)
    const { controls } = sentTo(bob)
    expect(controls.length).toBeGreaterThan(5)
    expect(controls.length).toBeLessThan(12)
    answers.clear()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    sentTo(bob)
    await update(bob, [route('test.bob')])
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(sentTo(bob).controls).toEqual([])
    await vi.advanceTimersByTimeAsync(INTERVAL_MS / 2)
    expect(sentTo(bob).controls).toMatchObject([{ lastKnownRoutingTableId: TABLE, lastKnownEpoch: 1 }])
    await service.stop?.()
  })

  test('that says no is asked ever more rarely', async () => {
    const { service, answers, sentTo } = await setUp([bob])
    answers.set(bob.id, () => testReject({ code: 'F00' }))
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(sentTo(bob).controls.length).toBeLessThan(20)
    await service.stop?.()
  })

  test('that is a child is left alone until it speaks the protocol itself', async () => {
    const kid = peer('kid', 'child', { ilpAddress: 'test.us.kid' })
    const { service, sentTo, control } = await setUp([kid])
    await vi.advanceTimersByTimeAsync(10 * INTERVAL_MS)
    expect(sentTo(kid)).toEqual({ controls: [], updates: [] })
    await control(kid)
    await vi.advanceTimersByTimeAsync(0)
    expect(sentTo(kid)).toMatchObject({ controls: [{}], updates: [{ newRoutes: [{ prefix: 'test.us' }] }] })
    await service.stop?.()
  })

  test('whose update leaves a gap is refused, and asked for what is missing', async () => {
    const { service, update, sentTo, table } = await setUp([bob])
    await update(bob, [route('test.bob')])
    sentTo(bob)
    expect(code(await update(bob, [route('test.x')], { fromEpochIndex: 5, toEpochIndex: 6 }))).toBe('F00')
    expect(table.has('test.x')).toBe(false)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sentTo(bob).controls).toMatchObject([{ lastKnownRoutingTableId: TABLE, lastKnownEpoch: 1 }])
    await service.stop?.()
  })

  test('that has another routing table begins with epoch 0', async () => {
    const { service, update, table } = await setUp([bob])
    await update(bob, [route('test.bob'), route('test.old')])
    const routingTableId = '00000000-0000-0000-0000-000000000001'
    const epochs = { fromEpochIndex: 0, toEpochIndex: 1, currentEpochIndex: 1 }
    expect(code(await update(bob, [route('test.bob')], { routingTableId, ...epochs }))).toBe('fulfilled')
    expect([...table.keys()]).toEqual(['test.bob'])
    await service.stop?.()
  })

  test('withdraws its routes', async () => {
    const { service, update, table } = await setUp([bob])
    await update(bob, [route('test.bob'), route('test.x')])
    await update(bob, [], { withdrawnRoutes: ['test.x', 'test.never'] })
    expect([...table.keys()]).toEqual(['test.bob'])
    await service.stop?.()
  })

  test('that says nothing loses its routes after the time that it told, and gets some more than it told too little', async () => {
    const { service, update, table } = await setUp([bob])
    for (const [holdDownTime, ms] of [
      [90_000, 90_000],
      [0, 45_000],
      [2 ** 32 - 1, HOLD_DOWN_MAX_MS],
    ] as const) {
      await update(bob, [route('test.bob')], { fromEpochIndex: 0, holdDownTime })
      await vi.advanceTimersByTimeAsync(ms - 100)
      expect(table.has('test.bob')).toBe(true)
      await vi.advanceTimersByTimeAsync(200)
      expect(table.has('test.bob')).toBe(false)
    }
    await service.stop?.()
  })

  test('keeps its routes with heartbeats', async () => {
    const { service, update, table } = await setUp([bob])
    await update(bob, [route('test.bob')])
    for (let i = 0; i < 10; i++) {
      await vi.advanceTimersByTimeAsync(40_000)
      await update(bob, [], { fromEpochIndex: 1, toEpochIndex: 1, currentEpochIndex: 1 })
    }
    expect(table.has('test.bob')).toBe(true)
    await service.stop?.()
  })
})
