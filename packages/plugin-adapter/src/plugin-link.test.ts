import { EventEmitter } from 'node:events'
import { decodeReply, type IncomingRequest, type OutgoingRequest } from '@ilp/service-core'
import { recordingLogger, scriptedService, testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { DataHandler, MoneyHandler, Plugin } from './plugin.js'
import { type PluginLinkOptions, pluginLink } from './plugin-link.js'

const alice = testAccount('alice')
const bob = testAccount('bob')
type A = typeof alice

/** A plugin whose peer is the test. */
class FakePlugin extends EventEmitter implements Plugin {
  handler: DataHandler | undefined
  moneyHandler: MoneyHandler | undefined
  connects = 0
  failures = 0
  isUp = false
  readonly money: string[] = []
  answer: DataHandler = async () => testFulfill().toBuffer()

  async connect(): Promise<void> {
    this.connects += 1
    if (this.failures-- > 0) throw new Error('nobody there')
    this.isUp = true
  }

  async disconnect(): Promise<void> {
    this.isUp = false
  }

  isConnected(): boolean {
    return this.isUp
  }

  sendData(packet: Buffer): Promise<Buffer> {
    return this.answer(packet)
  }

  async sendMoney(amount: string): Promise<void> {
    this.money.push(amount)
  }

  registerDataHandler(handler: DataHandler): void {
    this.handler = handler
  }

  deregisterDataHandler(): void {
    this.handler = undefined
  }

  registerMoneyHandler(handler: MoneyHandler): void {
    this.moneyHandler = handler
  }

  deregisterMoneyHandler(): void {
    this.moneyHandler = undefined
  }
}

function scene(options: Partial<PluginLinkOptions> = {}) {
  const plugin = new FakePlugin()
  const logger = recordingLogger()
  const money: bigint[] = []
  const onMoney = async (amount: bigint) => void money.push(amount)
  const link = pluginLink({ plugin, account: alice, address: () => 'test.node', onMoney, logger }, options)
  const inner = scriptedService<IncomingRequest<A>>()
  const rest = scriptedService<OutgoingRequest<A>>()
  const incoming = link.server(inner)
  const outgoing = link.client<OutgoingRequest<A>>(rest)
  const deliver = (to: A) =>
    outgoing.call({ from: bob, to, incomingAmount: 1n, prepare: testPrepare({ units: 1n }) })
  const receive = (bytes: Buffer) => (plugin.handler as DataHandler)(bytes)
  return { plugin, logger, money, link, inner, rest, incoming, outgoing, deliver, receive }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a plugin’s link', () => {
  test('takes packets of the peer into the chain, from its account', async () => {
    const { incoming, inner, receive } = scene()
    await incoming.start?.()
    const answer = receive(testPrepare({ units: 3n }).toBuffer())
    const call = await inner.next()
    expect(call.request).toMatchObject({ from: alice, prepare: { units: 3n } })
    call.fulfill()
    expect(await answer).toEqual(testFulfill().toBuffer())
    expect(decodeReply(await receive(Buffer.from('hello')))).toMatchObject({ code: 'F01' })
  })

  test('sends packets for its account through the plugin while that is connected', async () => {
    const { plugin, incoming, rest, deliver } = scene()
    expect(await deliver(alice)).toMatchObject({ code: 'T01', triggeredBy: 'test.node' })
    await incoming.start?.()
    await vi.advanceTimersByTimeAsync(0)
    expect((await deliver(alice)).toBuffer()).toEqual(testFulfill().toBuffer())
    plugin.isUp = false
    expect(await deliver(alice)).toMatchObject({ code: 'T01' })
    const other = deliver(bob)
    ;(await rest.next()).reject('F02')
    expect(await other).toMatchObject({ code: 'F02' })
  })

  test('is T00 where the plugin throws, and R00 where it has not answered 5 s behind the expiry', async () => {
    const { plugin, incoming, deliver } = scene()
    await incoming.start?.()
    await vi.advanceTimersByTimeAsync(0)
    plugin.answer = async () => Promise.reject(new Error('btp error'))
    expect(await deliver(alice)).toMatchObject({ code: 'T00' })
    let late = (_: Buffer) => {}
    plugin.answer = () =>
      new Promise(resolve => {
        late = resolve
      })
    const reply = deliver(alice)
    await vi.advanceTimersByTimeAsync(35_010)
    expect(await reply).toMatchObject({ code: 'R00' })
    late(testFulfill().toBuffer())
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('starts without waiting for the peer, and tries again until it is there', async () => {
    const { plugin, logger, incoming, outgoing } = scene({ retryMinMs: 100, retryMaxMs: 300 })
    plugin.failures = 4
    await incoming.start?.()
    await vi.advanceTimersByTimeAsync(0)
    expect(plugin.connects).toBe(1)
    await vi.advanceTimersByTimeAsync(100 + 200 + 300)
    expect([plugin.connects, plugin.isUp]).toEqual([4, false])
    await vi.advanceTimersByTimeAsync(300)
    expect([plugin.connects, plugin.isUp]).toEqual([5, true])
    expect(logger.entries.map(({ level }) => level)).toEqual(['warn'])
    await outgoing.stop?.()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('takes no more packets once the chain stops, and stays connected for the answers', async () => {
    const { plugin, incoming, outgoing, inner, receive, deliver } = scene()
    await incoming.start?.()
    await vi.advanceTimersByTimeAsync(0)
    const under = receive(testPrepare().toBuffer())
    const call = await inner.next()
    await incoming.stop?.()
    expect(decodeReply(await receive(testPrepare().toBuffer()))).toMatchObject({ code: 'T03' })
    expect((await deliver(alice)).toBuffer()).toEqual(testFulfill().toBuffer())
    call.fulfill()
    expect(await under).toEqual(testFulfill().toBuffer())
    await outgoing.stop?.()
    expect([plugin.isUp, plugin.handler, plugin.moneyHandler]).toEqual([false, undefined, undefined])
  })

  test('stops also when the plugin does not', async () => {
    const { plugin, incoming, outgoing } = scene({ stopTimeoutMs: 50 })
    plugin.disconnect = () => new Promise(() => {})
    await incoming.start?.()
    const stopped = outgoing.stop?.()
    await vi.advanceTimersByTimeAsync(50)
    await stopped
  })

  test('is not connected again after a stop', async () => {
    const { plugin, incoming, outgoing } = scene()
    plugin.failures = 9
    await incoming.start?.()
    await vi.advanceTimersByTimeAsync(0)
    await outgoing.stop?.()
    await vi.advanceTimersByTimeAsync(100_000)
    expect(plugin.connects).toBe(1)
  })

  test('logs the plugin’s errors, which would end the process otherwise', async () => {
    const { plugin, logger, incoming } = scene()
    await incoming.start?.()
    plugin.emit('error', new Error('broken'))
    expect(logger.entries).toMatchObject([{ level: 'warn', fields: { account: 'alice' } }])
  })
})

describe('money', () => {
  test('goes both ways, exactly', async () => {
    const { plugin, money, link, incoming } = scene()
    await incoming.start?.()
    await link.sendMoney(2n ** 70n)
    expect(plugin.money).toEqual([`${2n ** 70n}`])
    for (const amount of ['0', '1', `${2n ** 70n}`]) await plugin.moneyHandler?.(amount)
    expect(money).toEqual([1n, 2n ** 70n])
  })

  test.each(['', '-1', '1.5', '1e3', ' 1', '1'.repeat(101)])('%j is none', async amount => {
    const { plugin, money, incoming } = scene()
    await incoming.start?.()
    await expect(plugin.moneyHandler?.(amount)).rejects.toThrow(RangeError)
    expect(money).toEqual([])
  })
})

test.each([{ retryMinMs: 0 }, { retryMaxMs: 0.5 }, { stopTimeoutMs: Number.NaN }])(
  '%o is refused',
  options => {
    expect(() => scene(options)).toThrow(RangeError)
  },
)
