import { amountTooLarge, isFulfill, type Reply } from '@ilp/service-core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  fulfillingService,
  scriptedService,
  type TestPath,
  type TestPathOptions,
  testAccount,
  testPath,
  testPrepare,
  testReject,
  timeLapse,
} from './index.js'

const settled = timeLapse(vi)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const from = testAccount('alice')
const send = (path: TestPath, units = 10n): Promise<Reply> =>
  path.call({ from, prepare: testPrepare({ units, expiresAt: new Date(Date.now() + 1_000) }) })
const codeOf = async (reply: Promise<Reply>): Promise<string> => {
  const settledReply = await settled(reply)
  return isFulfill(settledReply) ? 'fulfilled' : settledReply.code
}
const pathOf = (options: TestPathOptions) => testPath(fulfillingService(), options)

describe('a path', () => {
  it('passes packets on at its rate, and keeps books', async () => {
    const receiver = scriptedService<Parameters<TestPath['call']>[0]>()
    const path = testPath(receiver, { rate: units => units / 2n })
    const reply = send(path, 11n)
    const call = await receiver.next()
    expect([call.request.from, call.request.prepare.units]).toEqual([from, 5n])
    expect([path.inFlight, path.sent, path.exposureMost]).toEqual([11n, 0n, 11n])
    call.fulfill()
    expect(await codeOf(reply)).toBe('fulfilled')
    expect(path).toMatchObject({ packets: 1, inFlight: 0n, sent: 11n, delivered: 5n, untold: 0n })
    expect(path.replies).toEqual(new Map([['fulfilled', 1]]))
  })

  it('counts no packet as sent that its receiver rejects', async () => {
    const path = testPath({ call: () => Promise.resolve(testReject({ code: 'F99' })) })
    expect(await codeOf(send(path))).toBe('F99')
    expect(path).toMatchObject({ inFlight: 0n, sent: 0n, delivered: 0n, exposureMost: 10n })
  })

  it.each<[string, TestPathOptions, bigint]>([
    ['F08', { maxPacketAmount: 9n }, 10n],
    ['T04', { liquidity: 9n }, 10n],
    ['T02', { window: 0 }, 10n],
    ['R01', { rate: () => 0n }, 10n],
    ['R00', { loses: () => true }, 10n],
    ['R00', { losesAnswer: () => true }, 10n],
    ['T99', { intercept: () => testReject({ code: 'T99' }) }, 10n],
    ['fulfilled', { maxPacketAmount: 9n, liquidity: 9n, rate: () => 0n }, 0n],
  ])('answers with %s where it is to', async (code, options, units) => {
    expect(await codeOf(send(pathOf(options), units))).toBe(code)
  })

  it('tells the maximum in another unit than the sender’s, or not at all', async () => {
    expect(await send(pathOf({ maxPacketAmount: 7n }))).toMatchObject({
      data: amountTooLarge('', '', 30n, 21n).data,
    })
    const most = 2n ** 64n - 1n
    expect(await send(pathOf({ maxPacketAmount: 7n }), most)).toMatchObject({
      data: amountTooLarge('', '', most, 7n).data,
    })
    const silent = await send(pathOf({ maxPacketAmount: 7n, tellsMaximum: false }))
    expect(silent.data).toHaveLength(0)
  })

  it('is as slow as it is to be, both ways', async () => {
    const startMs = Date.now()
    await settled(send(pathOf({ delayMs: () => 20 })))
    expect(Date.now() - startMs).toBe(40)
  })

  it('knows what became of packets of which nobody hears', async () => {
    const path = pathOf({ swallows: index => index === 1, losesAnswer: index => index === 2 })
    let isTold = false
    void send(path).then(() => {
      isTold = true
    })
    expect(await codeOf(send(path))).toBe('R00')
    expect(path).toMatchObject({ sent: 10n, delivered: 10n, untold: 10n, inFlight: 0n })
    expect(isTold).toBe(false)
  })

  it('changes on the way', async () => {
    const path = pathOf({})
    expect(await codeOf(send(path))).toBe('fulfilled')
    path.options.maxPacketAmount = 1n
    path.options.answer = () => testReject({ code: 'R99' })
    expect([await codeOf(send(path)), await codeOf(send(path, 1n))]).toEqual(['F08', 'R99'])
  })
})

describe('a time lapse', () => {
  it('gives what the promise does, as soon as its time has come', async () => {
    const startMs = Date.now()
    await settled(new Promise(resolve => setTimeout(resolve, 600_000)))
    expect(Date.now() - startMs).toBe(600_000)
    await expect(settled(Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('gives up when nothing can come of it, or in an hour', async () => {
    await expect(settled(new Promise(() => {}))).rejects.toThrow('nothing comes of it')
    const timer = setInterval(() => {}, 60_000)
    await expect(settled(new Promise(() => {}))).rejects.toThrow('nothing comes of it')
    clearInterval(timer)
  })
})
