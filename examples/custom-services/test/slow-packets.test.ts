import { type IncomingRequest, type OutgoingRequest, stack } from '@ilp/service-core'
import { recordingLogger, scriptedService, testAccount, testPrepare } from '@ilp/service-testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { slowPackets } from '../src/index.js'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

async function packetOf(tookMs: number, end: 'fulfill' | 'reject') {
  const logger = recordingLogger()
  const inner = scriptedService<OutgoingRequest>()
  const prepare = testPrepare()
  const reply = slowPackets(
    { logger },
    { slowMs: 100 },
  )(inner).call({
    from: testAccount('alice'),
    to: testAccount('bob'),
    prepare,
    incomingAmount: prepare.units,
  })
  const call = await inner.next()
  vi.advanceTimersByTime(tookMs)
  call[end]()
  await reply
  return logger.entries
}

it('a packet is logged from the limit on, with its outcome', async () => {
  expect(await packetOf(99, 'fulfill')).toEqual([])
  expect(await packetOf(100, 'fulfill')).toMatchObject([
    { level: 'warn', fields: { account: 'bob', tookMs: 100, outcome: 'fulfilled' } },
  ])
  expect(await packetOf(250, 'reject')).toMatchObject([{ fields: { tookMs: 250, outcome: 'F99' } }])
})

it('a limit that is none is refused', () => {
  for (const slowMs of [0, -1, 1.5, Number.NaN]) {
    expect(() => slowPackets({ logger: recordingLogger() }, { slowMs })).toThrow(RangeError)
  }
})

it('the compiler refuses it where no next hop is known yet', () => {
  // @ts-expect-error an IncomingRequest has no `to`
  stack<IncomingRequest>().use(slowPackets({ logger: recordingLogger() }))
})
