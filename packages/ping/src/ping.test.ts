import { echoResponse, readEcho } from '@ilp/echo-packet'
import { type IncomingRequest, isFulfill, type Prepare, type Reply } from '@ilp/service-core'
import {
  fulfillingService,
  scriptedService,
  testAccount,
  testFulfill,
  testPrepare,
  testReject,
} from '@ilp/service-testing'
import { describe, expect, test } from 'vitest'
import { pinger } from './ping.js'

const from = testAccount('alice')

/** A pinger whose packets wait for the test, and the layer that its echoes come to. */
function scene(source: string | undefined = 'test.alice') {
  const clock = { ms: 1_000 }
  const network = scriptedService<Prepare>()
  const ping = pinger({ send: network.call, source: () => source, nowMs: () => clock.ms })
  const rest = scriptedService<IncomingRequest>()
  const incoming = ping.pongs(rest)
  const receive = (prepare: Prepare): Promise<Reply> => incoming.call({ from, prepare })
  return { clock, network, ping, rest, receive }
}

const sourceOf = (prepare: Prepare): string => {
  const echo = readEcho(prepare)
  if (echo?.type !== 'request') throw new Error('not an echo request')
  return echo.source
}

describe('an echo', () => {
  test('is fulfilled when it comes back, and timed', async () => {
    const { clock, network, ping, receive } = scene()
    const result = ping.echo('test.bob', { units: 10n })
    const { request, answer } = await network.next()
    expect(request).toMatchObject({ destination: 'test.bob', units: 10n })
    expect(sourceOf(request)).toMatch(/^test\.alice\.ping-[A-Za-z0-9_-]{16}$/)
    const reply = await receive(echoResponse(request.with({ units: 8n }), sourceOf(request)))
    expect(isFulfill(reply) && reply.fulfills(request)).toBe(true)
    clock.ms += 12.5
    answer(reply)
    expect(await result).toEqual({ roundTripMs: 12.5, returned: 8n, reject: undefined, isReached: true })
  })

  test('carries nothing, and expires in ten seconds, unless told otherwise', async () => {
    const { network, ping } = scene()
    const results = [ping.echo('test.bob'), ping.echo('test.bob', { timeoutMs: 500 })]
    const [first, second] = [await network.next(), await network.next()]
    expect(first.request.units).toBe(0n)
    expect(first.request.expiresAtMs - second.request.expiresAtMs).toBeGreaterThan(9_400)
    expect(sourceOf(first.request)).not.toBe(sourceOf(second.request))
    first.reject()
    second.reject()
    await Promise.all(results)
  })

  test.each([
    ['test.bob', true],
    ['test.bob.child', true],
    ['test.bobby', false],
    ['test.bo', false],
    ['', false],
  ])('that is rejected by %j tells whether it got there', async (triggeredBy, isReached) => {
    const { network, ping } = scene()
    const result = ping.echo('test.bob')
    ;(await network.next()).answer(testReject({ code: 'F02', triggeredBy, message: 'no' }))
    expect(await result).toMatchObject({
      returned: undefined,
      reject: { code: 'F02', triggeredBy, message: 'no' },
      isReached,
    })
  })

  test('is not believed with another fulfillment', async () => {
    const { network, ping } = scene()
    const result = ping.echo('test.bob')
    ;(await network.next()).answer(testFulfill())
    expect(await result).toMatchObject({ returned: undefined, reject: { code: 'F05' }, isReached: false })
  })

  test('is fulfilled for its own condition and as an echo only', async () => {
    const { network, ping, receive, rest } = scene()
    const result = ping.echo('test.bob')
    const { request, reject } = await network.next()
    const source = sourceOf(request)
    const { data } = echoResponse(request, source)
    const { executionCondition } = request
    for (const prepare of [
      testPrepare({ destination: source, data }),
      testPrepare({ destination: source, executionCondition }),
      testPrepare({ destination: source, executionCondition, data: request.data }),
      testPrepare({ destination: source, executionCondition, data: Buffer.from('ECHOECHOECHOECHO\x07') }),
      testPrepare({ destination: `${source}.x`, executionCondition, data }),
    ]) {
      const reply = receive(prepare)
      ;(await rest.next()).reject()
      expect(isFulfill(await reply)).toBe(false)
    }
    reject()
    await result
  })

  test('that comes too late is passed on', async () => {
    const { network, ping, receive, rest } = scene()
    const result = ping.echo('test.bob')
    const { request, reject } = await network.next()
    reject('R00')
    await result
    const reply = receive(echoResponse(request, sourceOf(request)))
    ;(await rest.next()).reject('F06')
    expect(await reply).toMatchObject({ code: 'F06' })
  })

  test('is not sent without an address for it to come back to', async () => {
    const { ping, network } = scene('')
    const { ping: none } = { ping: pinger({ send: network.call, source: () => undefined }) }
    await expect(none.echo('test.bob')).rejects.toMatchObject({ code: 'ERR_PING_NO_ADDRESS' })
    await expect(ping.echo('test.bob')).rejects.toMatchObject({ code: 'ERR_INVALID_ECHO' })
    expect(network.waiting()).toBe(0)
  })

  test('is not sent when a thousand are waited for', async () => {
    const { ping, network } = scene()
    const results = Array.from({ length: 1_000 }, () => ping.echo('test.bob'))
    await expect(ping.echo('test.bob')).rejects.toMatchObject({ code: 'ERR_PING_TOO_MANY' })
    for (const _ of results) (await network.next()).reject()
    await Promise.all(results)
    const next = ping.echo('test.bob')
    ;(await network.next()).reject()
    expect(await next).toMatchObject({ reject: { code: 'F99' } })
  })

  test('throws what sending throws, and is waited for no more', async () => {
    const failure = new Error('not connected')
    const sent: Prepare[] = []
    const ping = pinger({
      send: async prepare => {
        sent.push(prepare)
        throw failure
      },
      source: () => 'test.alice',
    })
    await expect(ping.echo('test.bob')).rejects.toBe(failure)
    await expect(ping.probe('test.bob')).rejects.toBe(failure)
    const request = sent[0] as Prepare
    const incoming = ping.pongs(fulfillingService())
    const reply = await incoming.call({ from, prepare: echoResponse(request, sourceOf(request)) })
    expect(isFulfill(reply) && reply.fulfills(request)).toBe(false)
  })
})

describe('a probe', () => {
  test('is a packet without data, whose reject tells how far it came', async () => {
    const { clock, network, ping } = scene()
    const result = ping.probe('test.bob', { units: 3n })
    const { request, answer } = await network.next()
    expect(request).toMatchObject({ destination: 'test.bob', units: 3n })
    expect(request.data.length).toBe(0)
    clock.ms += 5
    answer(testReject({ code: 'F06', triggeredBy: 'test.bob', message: 'no STREAM packet' }))
    expect(await result).toEqual({
      roundTripMs: 5,
      returned: undefined,
      reject: { code: 'F06', triggeredBy: 'test.bob', message: 'no STREAM packet' },
      isReached: true,
    })
  })

  test.each(['test', '', 'bob'])('to %j is refused', async destination => {
    await expect(scene().ping.probe(destination)).rejects.toMatchObject({ code: 'ERR_INVALID_PACKET' })
    await expect(scene().ping.echo(destination)).rejects.toMatchObject({ code: 'ERR_INVALID_PACKET' })
  })
})
