import type { IncomingRequest } from '@ilp/service-core'
import {
  fulfillingService,
  scriptedService,
  testAccount,
  testFulfill,
  testPrepare,
} from '@ilp/service-testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type InFlightAccount, type InFlightOptions, inFlight } from './in-flight.js'

const alice = testAccount('alice')
const bob = testAccount('bob')

function setUp(options?: Partial<InFlightOptions>) {
  const inner = scriptedService<IncomingRequest<InFlightAccount>>()
  const layer = inFlight({ address: () => 'test.node' }, options)
  const service = layer(inner)
  const send = (from: InFlightAccount = alice) => service.call({ from, prepare: testPrepare() })
  return { inner, layer, send, stop: service.stop as () => Promise<void>, service }
}

afterEach(() => void vi.useRealTimers())

describe('the window', () => {
  test('takes as many packets as the option says, and the next again when one is answered', async () => {
    const { inner, layer, send } = setUp({ inFlightMax: 2 })
    const first = send()
    void send()
    expect(await send()).toMatchObject({ code: 'T03', triggeredBy: 'test.node' })
    expect(inner.waiting()).toBe(2)
    expect(layer.stats()).toEqual({ packets: 2, accounts: 1, refused: 1 })
    ;(await inner.next()).reject('F02')
    await first
    void send()
    expect(layer.stats().packets).toBe(2)
    expect(await send()).toMatchObject({ code: 'T03' })
  })

  test('is each account’s own', async () => {
    const { inner, send } = setUp({ inFlightMax: 1 })
    void send(alice)
    expect(await send(alice)).toMatchObject({ code: 'T03' })
    void send(bob)
    expect(inner.waiting()).toBe(2)
  })

  test('is as large as the account says, if it does', async () => {
    const { inner, send } = setUp({ inFlightMax: 1 })
    const large = { ...alice, inFlightMax: 3 }
    for (let i = 0; i < 3; i++) void send(large)
    expect(await send(large)).toMatchObject({ code: 'T03' })
    expect(await send({ ...bob, inFlightMax: 0 })).toMatchObject({ code: 'T03' })
    expect(inner.waiting()).toBe(3)
  })

  test('holds 10,000 packets unless set', async () => {
    const { layer, send } = setUp()
    for (let i = 0; i < 10_000; i++) void send()
    expect(await send()).toMatchObject({ code: 'T03' })
    expect(layer.stats()).toEqual({ packets: 10_000, accounts: 1, refused: 1 })
  })

  test('takes no more octets than the option says, whatever the number of packets', async () => {
    const { byteLength } = testPrepare()
    const { inner, layer, send } = setUp({ inFlightBytesMax: 2 * byteLength })
    const first = send()
    void send()
    expect(await send()).toMatchObject({ code: 'T03' })
    expect(layer.stats().packets).toBe(2)
    ;(await inner.next()).fulfill()
    await first
    void send()
    expect(await send()).toMatchObject({ code: 'T03' })
    void send(bob)
    expect(inner.waiting()).toBe(3)
  })

  test('gets its place back from a service that throws, at once or later', async () => {
    const { inner, layer, send } = setUp()
    const reply = send()
    ;(await inner.next()).fail(new Error('later'))
    await expect(reply).rejects.toThrow('later')
    const throwing = inFlight({ address: () => '' })
    const service = throwing({
      ready: () => Promise.resolve(),
      call: () => {
        throw new Error('at once')
      },
    })
    expect(() => service.call({ from: alice, prepare: testPrepare() })).toThrow('at once')
    for (const { stats } of [layer, throwing])
      expect(stats()).toEqual({ packets: 0, accounts: 0, refused: 0 })
  })

  test('leaves nothing behind', async () => {
    const layer = inFlight({ address: () => '' })
    const service = layer(fulfillingService())
    for (let i = 0; i < 1_000; i++) {
      await service.call({ from: testAccount(`account-${i}`), prepare: testPrepare() })
    }
    expect(layer.stats()).toEqual({ packets: 0, accounts: 0, refused: 0 })
  })
})

test('the promise of the next service is returned as it is', () => {
  const promise = Promise.resolve(testFulfill())
  const service = inFlight({ address: () => '' })({ ready: () => Promise.resolve(), call: () => promise })
  expect(service.call({ from: alice, prepare: testPrepare() })).toBe(promise)
})

describe('stop', () => {
  test('refuses new packets and waits for those in flight', async () => {
    const { inner, send, stop } = setUp()
    const replies = [send(alice), send(bob)]
    let isStopped = false
    const stopped = stop().then(() => {
      isStopped = true
    })
    await new Promise(setImmediate)
    expect(await send(alice)).toMatchObject({ code: 'T03', message: 'this node is going down' })
    ;(await inner.next()).fulfill()
    await replies[0]
    await new Promise(setImmediate)
    expect(isStopped).toBe(false)
    ;(await inner.next()).fulfill()
    await stopped
    expect(await Promise.all(replies)).toEqual([testFulfill(), testFulfill()])
  })

  test('resolves at once when nothing is in flight', async () => {
    const { stop } = setUp()
    await stop()
  })

  test('gives up at the drain timeout', async () => {
    vi.useFakeTimers()
    const { layer, send, stop } = setUp({ drainTimeoutMs: 100 })
    void send()
    let isStopped = false
    const stopped = stop().then(() => {
      isStopped = true
    })
    await vi.advanceTimersByTimeAsync(99)
    expect(isStopped).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await stopped
    expect(layer.stats().packets).toBe(1)
  })

  test('waits no second time when the layer was drained before', async () => {
    vi.useFakeTimers()
    const { layer, send, stop } = setUp({ drainTimeoutMs: 100 })
    void send()
    const drained = layer.drain()
    expect(await send()).toMatchObject({ code: 'T03', message: 'this node is going down' })
    await vi.advanceTimersByTimeAsync(100)
    await drained
    await stop()
  })

  test('leaves no timer behind', async () => {
    vi.useFakeTimers()
    const { inner, send, stop } = setUp()
    void send()
    const stopped = stop()
    ;(await inner.next()).fulfill()
    await stopped
    expect(vi.getTimerCount()).toBe(0)
  })
})

test.each([{ inFlightMax: 0 }, { inFlightMax: 1.5 }, { drainTimeoutMs: -1 }, { drainTimeoutMs: Number.NaN }])(
  'the options %j are refused',
  options => {
    expect(() => inFlight({ address: () => '' }, options)).toThrow(RangeError)
  },
)
