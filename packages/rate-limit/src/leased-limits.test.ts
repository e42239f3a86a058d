import type { IncomingRequest } from '@ilp/service-core'
import {
  fulfillingService,
  recordingLogger,
  scriptedService,
  testAccount,
  testPrepare,
} from '@ilp/service-testing'
import { type RateLimitStore, StoreError } from '@ilp/store-traits'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LeasedLimitsOptions, leasedLimits } from './leased-limits.js'
import { incomingRateLimit, type RateLimitAccount } from './rate-limit.js'

type Request = IncomingRequest<RateLimitAccount>

/** Lets everything go on that waits for nothing but other promises. */
const settled = () => new Promise(resolve => setImmediate(resolve))

/** Buckets in 60,000ths of a token, and the calls that came. Its answers can be held back. */
class FakeStore implements RateLimitStore {
  readonly calls: string[] = []
  isDown = false
  readonly #buckets = new Map<string, { parts: bigint; atMs: number }>()
  #held: (() => void)[] | undefined

  constructor(readonly clock: { ms: number }) {}

  holdAnswers(): void {
    this.#held ??= []
  }

  letAnswersGo(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const go of held) go()
  }

  readonly take: RateLimitStore['take'] = async (bucket, terms, wanted) => {
    this.calls.push(`take ${wanted} of ${bucket}`)
    this.#check()
    const found = this.#level(bucket, terms)
    const tokens = found.parts / 60_000n
    const granted = tokens < wanted ? tokens : wanted
    found.parts -= granted * 60_000n
    if (this.#held) await new Promise<void>(resolve => this.#held?.push(resolve))
    return granted
  }

  readonly give: RateLimitStore['give'] = async (bucket, terms, tokens) => {
    this.calls.push(`give ${tokens} of ${bucket}`)
    this.#check()
    this.#level(bucket, terms).parts += tokens * 60_000n
  }

  #check(): void {
    if (this.isDown) throw new StoreError('ERR_STORE_UNAVAILABLE', 'down')
  }

  #level(bucket: string, { perMinute, capacity }: { perMinute: bigint; capacity: bigint }) {
    const found = this.#buckets.get(bucket) ?? { parts: capacity * 60_000n, atMs: this.clock.ms }
    const filled = found.parts + BigInt(this.clock.ms - found.atMs) * perMinute
    found.parts = filled < capacity * 60_000n ? filled : capacity * 60_000n
    found.atMs = this.clock.ms
    this.#buckets.set(bucket, found)
    return found
  }
}

function scene(options: Partial<LeasedLimitsOptions> = {}, inner = fulfillingService()) {
  const clock = { ms: 0 }
  const store = new FakeStore(clock)
  const logger = recordingLogger()
  const node = () => {
    const limits = leasedLimits({ store, logger, nowMs: () => clock.ms }, options)
    const service = incomingRateLimit({ address: () => 'test.node', limits })<Request>(inner)
    const send = async (from: RateLimitAccount, units = 1n) => {
      const reply = await service.call({ from, prepare: testPrepare({ units }) })
      return 'code' in reply ? reply.code : 'fulfilled'
    }
    return { ...service, send }
  }
  return { clock, store, logger, node }
}

const alice = testAccount('alice', { rateLimit: { packetsPerMinute: 600 } })
const rich = testAccount('rich', { rateLimit: { amountPerMinute: 600n } })

describe('a lease', () => {
  it('is a block, taken before it is needed: packets wait for the first one only', async () => {
    const { store, node } = scene()
    const { send } = node()
    expect(await send(alice)).toBe('fulfilled')
    expect(store.calls).toEqual(['take 11 of packets/incoming/alice'])
    for (let i = 0; i < 5; i++) expect(await send(alice)).toBe('fulfilled')
    expect(store.calls).toHaveLength(1)
    store.holdAnswers()
    // Four are left, of ten: the next block is asked for while these go on.
    for (let i = 0; i < 5; i++) expect(await send(alice)).toBe('fulfilled')
    expect(store.calls).toEqual(['take 11 of packets/incoming/alice', 'take 6 of packets/incoming/alice'])
  })

  it('is asked for once by all packets that wait for it', async () => {
    const { store, node } = scene()
    const { send } = node()
    store.holdAnswers()
    const first = send(alice)
    const rest = Array.from({ length: 50 }, () => send(alice))
    store.letAnswersGo()
    expect(await first).toBe('fulfilled')
    expect(new Set(await Promise.all(rest))).toEqual(new Set(['fulfilled']))
    expect(store.calls).toEqual(['take 11 of packets/incoming/alice', 'take 50 of packets/incoming/alice'])
  })

  it('is of one limit that all processes share', async () => {
    const { node } = scene()
    const nodes = [node(), node(), node()]
    const outcomes: string[] = []
    for (let i = 0; i < 1_000; i++) outcomes.push(await (nodes[i % 3] as (typeof nodes)[0]).send(alice))
    const fulfilled = outcomes.filter(outcome => outcome === 'fulfilled').length
    expect(fulfilled).toBe(600)
    expect(outcomes.filter(outcome => outcome === 'T05')).toHaveLength(400)
  })

  it('takes what there is of the last block, then leaves the store alone for a while', async () => {
    const { clock, store, node } = scene()
    const one = node()
    const other = node()
    for (let i = 0; i < 600; i++) await one.send(alice)
    const calls = store.calls.length
    expect([await other.send(alice), await other.send(alice), await other.send(alice)]).toEqual([
      'T05',
      'T05',
      'T05',
    ])
    expect(store.calls).toHaveLength(calls + 1)
    clock.ms += 100
    expect(await other.send(alice)).toBe('fulfilled')
    expect(await other.send(alice)).toBe('T05')
  })

  it('has at least one token, however small the limit', async () => {
    const { clock, node } = scene({ blockMs: 1 })
    const { send } = node()
    const slow = testAccount('slow', { rateLimit: { packetsPerMinute: 1 } })
    expect([await send(slow), await send(slow)]).toEqual(['fulfilled', 'T05'])
    clock.ms += 60_000
    expect(await send(slow)).toBe('fulfilled')
  })

  it('is of the new size when the limit is another', async () => {
    const { store, node } = scene()
    const { send } = node()
    await send(alice)
    const slower = { ...alice, rateLimit: { packetsPerMinute: 60 } }
    expect(await send(slower)).toBe('fulfilled')
    expect(store.calls).toEqual(['take 11 of packets/incoming/alice', 'give 9 of packets/incoming/alice'])
  })

  it('is given back when the limit is gone, and when the service stops', async () => {
    const { store, node } = scene()
    const { send, stop } = node()
    await send(alice)
    await send(rich, 5n)
    await send({ ...alice, rateLimit: {} })
    expect(store.calls.slice(2)).toEqual(['give 10 of packets/incoming/alice'])
    await stop?.()
    expect(store.calls.slice(3)).toEqual(['give 10 of amount/incoming/rich'])
  })

  it('that comes after the stop is given back, too', async () => {
    const { store, node } = scene()
    const { send, stop } = node()
    store.holdAnswers()
    const outcome = send(alice)
    const stopped = stop?.()
    store.letAnswersGo()
    await stopped
    expect(await outcome).toBe('fulfilled')
    expect(store.calls.slice(1)).toEqual(['give 10 of packets/incoming/alice'])
  })
})

describe('amounts', () => {
  it('above a minute’s are refused without asking the store', async () => {
    const { store, node } = scene()
    expect(await node().send(rich, 601n)).toBe('T04')
    expect(store.calls).toEqual([])
  })

  it('of zero need no tokens', async () => {
    const { store, node } = scene()
    expect(await node().send(rich, 0n)).toBe('fulfilled')
    expect(store.calls).toEqual([])
  })

  it('that are rejected can be spent again, and go back to the others when they are many', async () => {
    const inner = scriptedService<unknown>()
    const { store, node } = scene({}, inner)
    const { send } = node()
    const outcomes = [send(rich, 300n), send(rich, 200n)]
    ;(await inner.next()).reject()
    ;(await inner.next()).reject()
    expect(await Promise.all(outcomes)).toEqual(['F99', 'F99'])
    await settled()
    // Whatever came back above two blocks of ten went to the store, down to one.
    const given = store.calls.filter(call => call.startsWith('give'))
    expect(given).toHaveLength(2)
    const again = Promise.all([send(rich, 590n)])
    ;(await inner.next()).fulfill()
    expect(await again).toEqual(['fulfilled'])
  })

  it('are counted after the packets: a packet that is one too many moves none', async () => {
    const { node } = scene()
    const { send } = node()
    const both = testAccount('both', { rateLimit: { packetsPerMinute: 2, amountPerMinute: 100n } })
    expect([await send(both, 60n), await send(both, 60n), await send(both, 40n)]).toEqual([
      'fulfilled',
      'T04',
      'T05',
    ])
  })
})

describe('while the store is out of reach', () => {
  it('packets for which too little is held get T00, and it is said once', async () => {
    const { clock, store, logger, node } = scene()
    const { send } = node()
    await send(alice)
    store.isDown = true
    const outcomes: string[] = []
    for (let i = 0; i < 20; i++) outcomes.push(await send(alice))
    expect(outcomes).toEqual([...Array(10).fill('fulfilled'), ...Array(10).fill('T00')])
    clock.ms += 100
    expect(await send(alice)).toBe('T00')
    expect(logger.entries).toHaveLength(1)
    expect(logger.entries[0]).toMatchObject({ level: 'warn' })
    expect(store.calls).toHaveLength(3)
    store.isDown = false
    clock.ms += 100
    expect(await send(alice)).toBe('fulfilled')
    store.isDown = true
    for (let i = 0; i < 20; i++) await send(alice)
    expect(logger.entries).toHaveLength(2)
  })
})

it.each([{ blockMs: 0 }, { blockMs: 60_001 }, { retryMs: 0.5 }, { retryMs: Number.NaN }])(
  'options have a range: %o',
  options => {
    expect(() => scene(options).node()).toThrow(RangeError)
  },
)

describe('for any traffic through any number of processes', () => {
  const step = fc.record({
    node: fc.nat({ max: 3 }),
    afterMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 50 }), fc.nat({ max: 20_000 })),
    units: fc.bigInt({ min: 1n, max: 40n }),
    isRejected: fc.boolean(),
  })

  it('no window of time sees more than the limit of it, a minute’s burst and what the processes hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(1, 100, 1_000, 5_000),
        fc.array(step, { minLength: 50, maxLength: 300 }),
        async (perMinute, count, blockMs, steps) => {
          const { clock, node } = scene({ blockMs })
          const nodes = Array.from({ length: count }, node)
          const limited = testAccount('x', { rateLimit: { packetsPerMinute: perMinute } })
          const passedAtMs: number[] = []
          for (const { node, afterMs } of steps) {
            clock.ms += afterMs
            const { send } = nodes[node % count] as (typeof nodes)[0]
            if ((await send(limited)) === 'fulfilled') passedAtMs.push(clock.ms)
          }
          const block = BigInt(Math.max(1, Math.floor((perMinute * blockMs) / 60_000)))
          const held = BigInt(count) * block
          for (let first = 0; first < passedAtMs.length; first++) {
            for (let last = first; last < passedAtMs.length; last++) {
              const windowMs = BigInt((passedAtMs[last] as number) - (passedAtMs[first] as number))
              const passed = BigInt(last - first + 1)
              // passed <= burst + rate * window + held, in 60,000ths.
              const bound = (BigInt(perMinute) + held) * 60_000n + BigInt(perMinute) * windowMs
              if (passed * 60_000n > bound) return false
            }
          }
          return true
        },
      ),
      { numRuns: 150 },
    )
  })

  it('no more money moves than that, whatever is rejected', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 40n, max: 3_000n }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { minLength: 50, maxLength: 300 }),
        async (perMinute, count, steps) => {
          const inner = scriptedService<unknown>()
          const { clock, node } = scene({ blockMs: 1_000 }, inner)
          const nodes = Array.from({ length: count }, node)
          const limited = testAccount('x', { rateLimit: { amountPerMinute: perMinute } })
          let moved = 0n
          for (const { node, afterMs, units, isRejected } of steps) {
            clock.ms += afterMs
            const outcome = (nodes[node % count] as (typeof nodes)[0]).send(limited, units)
            await settled()
            if (inner.waiting() === 1) {
              const call = await inner.next()
              if (isRejected) call.reject()
              else call.fulfill()
            }
            if ((await outcome) === 'fulfilled') moved += units
          }
          return moved * 60_000n <= perMinute * 60_000n + perMinute * BigInt(clock.ms)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('tokens are neither made nor lost: after a stop, all that was not spent is there for another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 100 }), async steps => {
        const { node } = scene()
        const nodes = [node(), node(), node(), node()]
        const limited = testAccount('x', { rateLimit: { amountPerMinute: 2_000n } })
        let moved = 0n
        for (const { node, units } of steps) {
          if ((await (nodes[node] as (typeof nodes)[0]).send(limited, units)) === 'fulfilled') moved += units
        }
        for (const { stop } of nodes) await stop?.()
        const last = node()
        const left = 2_000n - moved
        if (left === 0n) return
        expect(await last.send(limited, left)).toBe('fulfilled')
        expect(await last.send(limited, 1n)).toBe('T04')
      }),
      { numRuns: 100 },
    )
  })
})
