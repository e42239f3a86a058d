import {
  errorBoundary,
  type IncomingRequest,
  type OutgoingRequest,
  Reject,
  silentLogger,
} from '@ilp/service-core'
import { fulfillingService, testAccount, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { series } from '../test/support/exposition.js'
import { CODE_LABELS } from './codes.js'
import {
  createMetrics,
  incomingWatcher,
  observe,
  observeOutgoing,
  outgoingWatcher,
  packetMetrics,
} from './index.js'

/** Metrics, and a service that answers as each test says, observed on its way in. */
function observed(answer: () => ReturnType<ReturnType<typeof fulfillingService>['call']>, accountsMax = 500) {
  const metrics = createMetrics()
  let nowMs = 0
  const packets = { ...packetMetrics(metrics, { accountsMax }), now: () => nowMs }
  const service = observe({ packets })<IncomingRequest>({
    ready: async () => {},
    call: answer,
  })
  return {
    send: (account: string, units = 100n) =>
      service.call({ from: testAccount(account), prepare: testPrepare({ units }) }),
    pass: (ms: number) => {
      nowMs += ms
    },
    series: async () => series(await metrics.text()),
  }
}

/** A reject as it may come from a peer, which no builder would make. */
function hostileReject(code: string): Reject {
  const bytes = Buffer.from(testReject().toBuffer())
  const at = bytes.indexOf('F99', 0, 'latin1')
  bytes.write(code.padEnd(3, '\0').slice(0, 3), at, 'latin1')
  return Reject.decode(bytes)
}

describe('observe', () => {
  it('counts packets, amounts and time by account and outcome', async () => {
    const answers = [testFulfill(), testReject({ code: 'F99' }), testFulfill(), testReject({ code: 'T04' })]
    const node = observed(async () => answers.shift() as Reject)
    await node.send('alice', 10n)
    await node.send('alice', 20n)
    await node.send('alice', 2n ** 63n)
    await node.send('bob', 40n)
    const read = await node.series()
    const of = (account: string) => `account="${account}",direction="incoming"`
    expect(read.get(`ilp_packets_total{${of('alice')},outcome="fulfilled"}`)).toBe(2)
    expect(read.get(`ilp_packets_total{${of('alice')},outcome="rejected"}`)).toBe(1)
    expect(read.get(`ilp_packets_total{${of('alice')},outcome="failed"}`)).toBe(0)
    expect(read.get(`ilp_rejects_total{${of('alice')},code="F99"}`)).toBe(1)
    expect(read.get(`ilp_rejects_total{${of('alice')},code="T04"}`)).toBeUndefined()
    expect(read.get(`ilp_rejects_total{${of('bob')},code="T04"}`)).toBe(1)
    expect(read.get(`ilp_fulfilled_units_total{${of('alice')}}`)).toBe(Number(2n ** 63n + 10n))
    expect(read.get(`ilp_fulfilled_units_total{${of('bob')}}`)).toBe(0)
    expect(read.get(`ilp_packets_in_flight{${of('alice')}}`)).toBe(0)
  })

  it('takes in single units where a double would not', async () => {
    const node = observed(async () => testFulfill())
    await node.send('alice', 2n ** 53n)
    for (let packet = 0; packet < 4; packet++) await node.send('alice', 1n)
    const name = 'ilp_fulfilled_units_total{account="alice",direction="incoming"}'
    expect((await node.series()).get(name)).toBe(2 ** 53 + 4)
  })

  it('shows what is in flight, and how long answers took', async () => {
    let answer = () => {}
    const node = observed(() => new Promise(resolve => (answer = () => resolve(testFulfill()))))
    const reply = node.send('alice')
    const name = 'ilp_packets_in_flight{account="alice",direction="incoming"}'
    expect((await node.series()).get(name)).toBe(1)
    node.pass(30)
    answer()
    await reply
    const read = await node.series()
    expect(read.get(name)).toBe(0)
    expect(read.get('ilp_account_packet_seconds_total{account="alice",direction="incoming"}')).toBe(0.03)
    const bucket = (le: string) =>
      read.get(`ilp_packet_duration_seconds_bucket{direction="incoming",outcome="fulfilled",le="${le}"}`)
    expect(['0.025', '0.05', '30', '+Inf'].map(bucket)).toEqual([0, 1, 1, 1])
    const labels = 'direction="incoming",outcome="fulfilled"'
    expect(read.get(`ilp_packet_duration_seconds_sum{${labels}}`)).toBe(0.03)
    expect(read.get(`ilp_packet_duration_seconds_count{${labels}}`)).toBe(1)
  })

  it('bounds the codes that peers make up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 50 }),
        async codes => {
          const left = [...codes]
          const node = observed(async () => hostileReject(left.shift() as string))
          for (const _ of codes) await node.send('alice')
          const rejects = [...(await node.series())].filter(([name]) => name.startsWith('ilp_rejects_total'))
          expect(rejects.reduce((sum, [, value]) => sum + value, 0)).toBe(codes.length)
          for (const [name] of rejects) expect(CODE_LABELS).toContain(/code="([^"]*)"/.exec(name)?.[1])
        },
      ),
      { numRuns: 20 },
    )
  })

  it('counts accounts beyond the limit together, without an amount', async () => {
    const node = observed(async () => testFulfill(), 2)
    for (const account of ['a', 'b', 'c', 'd', 'a']) await node.send(account)
    const read = await node.series()
    const fulfilled = (account: string) =>
      read.get(`ilp_packets_total{account="${account}",direction="incoming",outcome="fulfilled"}`)
    expect(['a', 'b', 'c', '(other)'].map(fulfilled)).toEqual([2, 1, undefined, 2])
    const units = (account: string) =>
      read.get(`ilp_fulfilled_units_total{account="${account}",direction="incoming"}`)
    expect(['a', 'b', '(other)'].map(units)).toEqual([200, 100, undefined])
  })

  it('counts a service that throws, and throws what it threw', async () => {
    const bug = new Error('bug')
    const later = observed(() => Promise.reject(bug))
    await expect(later.send('alice')).rejects.toBe(bug)
    const atOnce = observed(() => {
      throw bug
    })
    expect(() => atOnce.send('alice')).toThrow(bug)
    for (const node of [later, atOnce]) {
      const read = await node.series()
      const labels = 'account="alice",direction="incoming"'
      expect(read.get(`ilp_packets_total{${labels},outcome="failed"}`)).toBe(1)
      expect(read.get(`ilp_packets_in_flight{${labels}}`)).toBe(0)
    }
  })

  it('passes on the inner promise, the request and readiness as they are', async () => {
    const reply = Promise.resolve(testFulfill())
    const seen: IncomingRequest[] = []
    const ready = async () => {}
    const inner = {
      ready,
      call: (request: IncomingRequest) => {
        seen.push(request)
        return reply
      },
    }
    const service = observe({ packets: packetMetrics(createMetrics()) })<IncomingRequest>(inner)
    const request = { from: testAccount('alice'), prepare: testPrepare() }
    expect(service.call(request)).toBe(reply)
    expect(seen).toEqual([request])
    expect(seen[0]).toBe(request)
    expect(service.ready).toBe(ready)
  })

  it('refuses options out of their range', () => {
    const packets = packetMetrics(createMetrics())
    expect(() => observe({ packets }, { traceEvery: 0 })).toThrow(RangeError)
    expect(() => packetMetrics(createMetrics(), { accountsMax: 1.5 })).toThrow(RangeError)
  })
})

describe('observeOutgoing', () => {
  it('counts by the account that packets go to, in its unit', async () => {
    const metrics = createMetrics()
    const packets = packetMetrics(metrics)
    const service = observeOutgoing({ packets })<OutgoingRequest>(fulfillingService())
    await service.call({
      from: testAccount('alice'),
      to: testAccount('bob'),
      incomingAmount: 7n,
      prepare: testPrepare({ units: 5n }),
    })
    const read = series(await metrics.text())
    expect(read.get('ilp_packets_total{account="bob",direction="outgoing",outcome="fulfilled"}')).toBe(1)
    expect(read.get('ilp_fulfilled_units_total{account="bob",direction="outgoing"}')).toBe(5)
    expect([...read.keys()].filter(name => name.includes('"alice"'))).toEqual([])
  })
})

describe('watchers', () => {
  it('count what an error boundary tells, the T00 of a bug among it', async () => {
    const metrics = createMetrics()
    const watcher = incomingWatcher(packetMetrics(metrics))
    const service = errorBoundary({ address: () => 'test.node', logger: silentLogger, watcher })({
      ready: async () => {},
      call: async () => {
        throw new Error('a bug')
      },
    })
    await service.call({ from: testAccount('alice'), prepare: testPrepare() })
    const read = series(await metrics.text())
    expect(read.get('ilp_rejects_total{account="alice",direction="incoming",code="T00"}')).toBe(1)
    expect(read.get('ilp_packets_in_flight{account="alice",direction="incoming"}')).toBe(0)
  })

  it('count packets that go out by the account that they go to', async () => {
    const metrics = createMetrics()
    let nowMs = 0
    const watcher = outgoingWatcher({ ...packetMetrics(metrics), now: () => nowMs })
    const prepare = testPrepare({ units: 5n })
    const request = { from: testAccount('alice'), to: testAccount('bob'), incomingAmount: 7n, prepare }
    const began = watcher.began(request)
    nowMs += 30
    watcher.answered(request, testFulfill(), began)
    watcher.began(request)
    watcher.threw(request)
    watcher.began(request)
    const read = series(await metrics.text())
    const of = 'account="bob",direction="outgoing"'
    expect(read.get(`ilp_fulfilled_units_total{${of}}`)).toBe(5)
    expect(read.get(`ilp_account_packet_seconds_total{${of}}`)).toBe(0.03)
    expect(read.get(`ilp_packets_total{${of},outcome="failed"}`)).toBe(1)
    expect(read.get(`ilp_packets_in_flight{${of}}`)).toBe(1)
  })
})
