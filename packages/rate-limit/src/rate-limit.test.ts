import type { IncomingRequest, OutgoingRequest, Reply, Service } from '@ilp/service-core'
import {
  fulfillingService,
  scriptedService,
  testAccount,
  testFulfill,
  testPrepare,
} from '@ilp/service-testing'
import { describe, expect, it } from 'vitest'
import { Meters } from './limits.js'
import { localLimits } from './local-limits.js'
import { incomingRateLimit, outgoingRateLimit, type RateLimitAccount } from './rate-limit.js'

type Incoming = IncomingRequest<RateLimitAccount>

function scene(inner: Service<Incoming> = fulfillingService()) {
  const clock = { ms: 0.25 }
  const limits = localLimits({ nowMs: () => clock.ms })
  const service = incomingRateLimit({ address: () => 'test.node', limits })(inner)
  const send = async (from: RateLimitAccount, units = 1n) => {
    const reply = await service.call({ from, prepare: testPrepare({ units }) })
    return 'code' in reply ? reply.code : 'fulfilled'
  }
  return { clock, service, send }
}

describe('packets from an account', () => {
  const alice = testAccount('alice', { rateLimit: { packetsPerMinute: 2 } })

  it('get T05 when there were as many as may be, until the next is due', async () => {
    const { clock, send } = scene()
    expect([await send(alice), await send(alice), await send(alice)]).toEqual([
      'fulfilled',
      'fulfilled',
      'T05',
    ])
    clock.ms += 29_999
    expect(await send(alice)).toBe('T05')
    clock.ms += 1
    expect(await send(alice)).toBe('fulfilled')
  })

  it('count when they carry no money, too', async () => {
    const { send } = scene()
    expect([await send(alice, 0n), await send(alice, 0n), await send(alice, 0n)]).toEqual([
      'fulfilled',
      'fulfilled',
      'T05',
    ])
  })

  it('count when they are rejected, too', async () => {
    const inner = scriptedService<Incoming>()
    const { send } = scene(inner)
    for (let i = 0; i < 2; i++) {
      const outcome = send(alice)
      ;(await inner.next()).reject()
      expect(await outcome).toBe('F99')
    }
    expect(await send(alice)).toBe('T05')
  })

  it('leave those of others alone', async () => {
    const { send } = scene()
    for (let i = 0; i < 3; i++) await send(alice)
    const bob = testAccount('bob', { rateLimit: { packetsPerMinute: 1 } })
    expect([await send(bob), await send(alice)]).toEqual(['fulfilled', 'T05'])
  })

  it('say who refused them, and nothing of the limit', async () => {
    const { service, send } = scene()
    const none = testAccount('none', { rateLimit: { packetsPerMinute: 0, amountPerMinute: 0n } })
    expect(await send(none)).toBe('T05')
    const reply = await service.call({ from: none, prepare: testPrepare() })
    expect(reply).toMatchObject({ triggeredBy: 'test.node', message: 'too many packets a minute' })
    expect(reply.data.length).toBe(0)
  })

  it('pass without an end where there is no limit, as the promise that the next service made', () => {
    const promise = Promise.resolve<Reply>(testFulfill())
    const { service } = scene({ ready: () => Promise.resolve(), call: () => promise })
    const prepare = testPrepare()
    expect(service.call({ from: testAccount('carol'), prepare })).toBe(promise)
    expect(service.call({ from: testAccount('carol', { rateLimit: {} }), prepare })).toBe(promise)
    expect(service.call({ from: alice, prepare })).toBe(promise)
  })
})

describe('amounts from an account', () => {
  const alice = testAccount('alice', { rateLimit: { amountPerMinute: 600n } })

  it('get T04 when they would be above what it may move', async () => {
    const { clock, send } = scene()
    expect([await send(alice, 601n), await send(alice, 600n), await send(alice, 1n)]).toEqual([
      'T04',
      'fulfilled',
      'T04',
    ])
    clock.ms += 100
    expect([await send(alice, 2n), await send(alice, 1n)]).toEqual(['T04', 'fulfilled'])
  })

  it('of zero always pass', async () => {
    const { send } = scene()
    await send(alice, 600n)
    expect(await send(alice, 0n)).toBe('fulfilled')
  })

  it.each(['reject', 'fail'] as const)('are given back before a %s is known to anybody', async end => {
    const inner = scriptedService<Incoming>()
    const { service, send } = scene(inner)
    const first = service.call({ from: alice, prepare: testPrepare({ units: 600n }) })
    const next = first.then(
      () => send(alice, 600n),
      () => send(alice, 600n),
    )
    expect(await send(alice, 1n)).toBe('T04')
    const call = await inner.next()
    if (end === 'reject') call.reject('T01')
    else call.fail(new Error('broken'))
    ;(await inner.next()).fulfill()
    expect(await next).toBe('fulfilled')
    expect(await send(alice, 1n)).toBe('T04')
  })

  it('are given back when the next service throws', async () => {
    const { service } = scene({
      ready: () => Promise.resolve(),
      call: () => {
        throw new Error('broken')
      },
    })
    const request = { from: alice, prepare: testPrepare({ units: 600n }) }
    expect(() => service.call(request)).toThrow('broken')
    expect(() => service.call(request)).toThrow('broken')
  })

  it('do not come back by a refund above the limit', async () => {
    const inner = scriptedService<Incoming>()
    const { clock, send } = scene(inner)
    const held = send(alice, 600n)
    clock.ms += 60_000
    ;(await inner.next()).reject()
    expect(await held).toBe('F99')
    expect(await send(alice, 601n)).toBe('T04')
  })

  it('follow a change of the limit', async () => {
    const { send } = scene()
    await send(alice, 500n)
    const richer = { ...alice, rateLimit: { amountPerMinute: 60_000n } }
    expect([await send(richer, 101n), await send(richer, 100n)]).toEqual(['T04', 'fulfilled'])
    expect(await send({ ...alice, rateLimit: undefined }, 10_000n)).toBe('fulfilled')
    expect(await send({ ...alice, rateLimit: { packetsPerMinute: 1 } }, 10_000n)).toBe('fulfilled')
  })
})

describe('packets to an account', () => {
  const bob = testAccount('bob', { outgoingRateLimit: { packetsPerMinute: 2, amountPerMinute: 100n } })
  const service = () =>
    outgoingRateLimit({ address: () => 'test.node', limits: localLimits({ nowMs: () => 0 }) })(
      fulfillingService() as Service<OutgoingRequest<RateLimitAccount>>,
    )

  it('are limited by the amount that it would receive, whoever sends them', async () => {
    const limited = service()
    const send = (username: string, units: bigint) =>
      limited.call({
        from: testAccount(username, { rateLimit: { packetsPerMinute: 0 } }),
        to: bob,
        incomingAmount: units * 10n,
        prepare: testPrepare({ units }),
      })
    expect(await send('alice', 100n)).toEqual(testFulfill())
    expect(await send('carol', 1n)).toMatchObject({ code: 'T04' })
    expect(await send('carol', 0n)).toMatchObject({ code: 'T05' })
  })

  it('are not limited by what may come from it', async () => {
    const to = testAccount('carol', { rateLimit: { packetsPerMinute: 0 } })
    const reply = await service().call({ from: bob, to, incomingAmount: 1n, prepare: testPrepare() })
    expect(reply).toEqual(testFulfill())
  })
})

describe('memory', () => {
  it('is held for accounts whose limits have not filled again', () => {
    const clock = { ms: 0 }
    const meters = new Meters(localLimits({ nowMs: () => clock.ms }), 'incoming')
    const limit = { packetsPerMinute: 60, amountPerMinute: 60n }
    for (let i = 0; i < 5_000; i++) {
      const { id } = testAccount(`account-${i}`)
      expect(meters.of(id, limit).take(1n)).toBe('passes')
      // Twenty accounts a second: what each has used is back after a second.
      clock.ms += 50
    }
    expect(meters.size).toBeLessThanOrEqual(1_024)
  })

  it('is held for all that are in use, however many', () => {
    const meters = new Meters(localLimits({ nowMs: () => 0 }), 'incoming')
    const limit = { packetsPerMinute: 1 }
    const take = (i: number) => meters.of(testAccount(`account-${i}`).id, limit).take(1n)
    for (let i = 0; i < 5_000; i++) expect(take(i)).toBe('passes')
    for (let i = 0; i < 5_000; i++) expect(take(i)).toBe('packets')
  })
})
