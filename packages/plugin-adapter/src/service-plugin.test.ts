import { decodeReply, type IncomingRequest, type OutgoingRequest, Prepare } from '@ilp/service-core'
import { scriptedService, testAccount, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { servicePlugin } from './service-plugin.js'

const alice = testAccount('alice')
const bob = testAccount('bob')
type A = typeof alice

async function scene() {
  const { plugin, server, client } = servicePlugin({ account: alice, address: () => 'test.node' })
  const inner = scriptedService<IncomingRequest<A>>()
  const rest = scriptedService<OutgoingRequest<A>>()
  const incoming = server(inner)
  const outgoing = client<OutgoingRequest<A>>(rest)
  const deliver = (to: A, prepare = testPrepare()) =>
    outgoing.call({ from: bob, to, incomingAmount: prepare.units, prepare })
  return { plugin, incoming, outgoing, inner, rest, deliver }
}

async function started() {
  const all = await scene()
  await all.incoming.start?.()
  await all.plugin.connect()
  return all
}

describe('what the plugin sends', () => {
  test('enters the chain, from its account, and gets the chain’s answer', async () => {
    const { plugin, inner } = await started()
    const prepare = testPrepare({ units: 5n })
    const answer = plugin.sendData(prepare.toBuffer())
    const call = await inner.next()
    expect(call.request.from).toBe(alice)
    expect(call.request.prepare.toBuffer()).toEqual(prepare.toBuffer())
    call.fulfill()
    expect(await answer).toEqual(testFulfill().toBuffer())
    const other = plugin.sendData(prepare.toBuffer())
    ;(await inner.next()).reject('T01')
    expect(decodeReply(await other)).toMatchObject({ code: 'T01' })
  })

  test('is refused with F01 when it is no Prepare', async () => {
    const { plugin } = await started()
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), testFulfill().toBuffer()]) {
      expect(decodeReply(await plugin.sendData(bytes))).toMatchObject({
        code: 'F01',
        triggeredBy: 'test.node',
      })
    }
  })

  test('gets T03 before the chain has started, and after its stop', async () => {
    const { plugin, incoming } = await scene()
    await plugin.connect()
    const code = async () => decodeReply(await plugin.sendData(testPrepare().toBuffer()))
    expect(await code()).toMatchObject({ code: 'T03' })
    await incoming.start?.()
    await incoming.stop?.()
    expect(await code()).toMatchObject({ code: 'T03' })
  })

  test('is not taken while the plugin is not connected', async () => {
    const { plugin } = await started()
    await plugin.disconnect()
    await expect(plugin.sendData(testPrepare().toBuffer())).rejects.toThrow('not connected')
  })
})

describe('what the chain has for the account', () => {
  test('goes to the data handler, whose answer it gets', async () => {
    const { plugin, deliver } = await started()
    const received: Prepare[] = []
    plugin.registerDataHandler(async bytes => {
      received.push(Prepare.decode(bytes))
      return testFulfill().toBuffer()
    })
    const prepare = testPrepare({ units: 9n }).with({ units: 7n })
    expect((await deliver(alice, prepare)).toBuffer()).toEqual(testFulfill().toBuffer())
    expect(received[0]).toMatchObject({ units: 7n, expiresAtMs: prepare.expiresAtMs })
  })

  test('gets T01 while nobody takes it', async () => {
    const { plugin, outgoing, deliver } = await started()
    expect(await deliver(alice)).toMatchObject({ code: 'T01', triggeredBy: 'test.node' })
    plugin.registerDataHandler(async () => testReject({ code: 'F99' }).toBuffer())
    expect(await deliver(alice)).toMatchObject({ code: 'F99' })
    plugin.deregisterDataHandler()
    expect(await deliver(alice)).toMatchObject({ code: 'T01' })
    plugin.registerDataHandler(async () => testReject({ code: 'F99' }).toBuffer())
    await outgoing.stop?.()
    expect(plugin.isConnected()).toBe(false)
    expect(await deliver(alice)).toMatchObject({ code: 'T01' })
  })

  test.each([
    ['throws', async () => Promise.reject(new Error('its own words'))],
    ['answers with no packet', async () => Buffer.from('hello')],
    ['answers with a Prepare', async () => testPrepare().toBuffer()],
    [
      'throws at once',
      () => {
        throw new Error('its own words')
      },
    ],
  ])('gets T00 when the handler %s, and nothing of what it said', async (_, handler) => {
    const { plugin, deliver } = await started()
    plugin.registerDataHandler(handler)
    const reply = await deliver(alice)
    expect(reply).toMatchObject({ code: 'T00', message: 'the next hop did not answer with a packet' })
  })

  test('gets R00 when the handler has not answered 5 s behind its expiry, and a later answer is dropped', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { plugin, deliver } = await started()
    const answers: ((bytes: Buffer) => void)[] = []
    plugin.registerDataHandler(() => new Promise(resolve => answers.push(resolve)))
    const replies = [deliver(alice), deliver(alice)]
    await vi.advanceTimersByTimeAsync(34_000)
    answers[0]?.(testFulfill().toBuffer())
    await vi.advanceTimersByTimeAsync(1_010)
    answers[1]?.(testFulfill().toBuffer())
    // A Fulfill that is late reaches the validator, whose matter it is.
    expect((await replies[0])?.toBuffer()).toEqual(testFulfill().toBuffer())
    expect(await replies[1]).toMatchObject({ code: 'R00' })
  })

  test('is passed on when it is for another account', async () => {
    const { rest, deliver } = await started()
    const reply = deliver(bob)
    ;(await rest.next()).fulfill()
    expect(await reply).toEqual(testFulfill())
  })
})

describe('the plugin', () => {
  test('is one of version 2, that tells of its connection', async () => {
    const { plugin } = await scene()
    expect((plugin.constructor as unknown as { version: number }).version).toBe(2)
    const events: string[] = []
    plugin.on('connect', () => void events.push('connect'))
    plugin.on('disconnect', () => void events.push('disconnect'))
    expect(plugin.isConnected()).toBe(false)
    await plugin.connect()
    await plugin.connect()
    expect(plugin.isConnected()).toBe(true)
    await plugin.disconnect()
    await plugin.disconnect()
    expect(events).toEqual(['connect', 'disconnect'])
  })

  test('has one data handler at a time, and moves no money', async () => {
    const { plugin } = await scene()
    plugin.registerDataHandler(async bytes => bytes)
    expect(() => plugin.registerDataHandler(async bytes => bytes)).toThrow('handler already')
    await expect(plugin.sendMoney('1')).rejects.toThrow('no money')
  })
})
