import { encodeFrame, encodeIlp, encodeRefusal, FrameType } from '@ilp/btp-packet'
import { type AccountId, accountId, type Reply } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TestPort } from '../test/test-port.js'
import { createBtpPool } from './index.js'

const ACCOUNTS = ['alice', 'bob'].map(accountId)

const step = (does: 'connect' | 'request' | 'answer' | 'drop' | 'garbage', weight: number) => ({
  weight,
  arbitrary: fc.record({ does: fc.constant(does), account: fc.nat(1), which: fc.nat(), how: fc.nat(5) }),
})
const steps = fc.array(
  fc.oneof(step('connect', 1), step('request', 6), step('answer', 6), step('drop', 1), step('garbage', 1)),
  { maxLength: 80 },
)

const empty = (requestId: number) => encodeFrame({ type: FrameType.RESPONSE, requestId, protocolData: [] })

/** The ways to answer, with what the caller gets of it. */
const ANSWERS: readonly [(id: number) => Buffer, string][] = [
  [id => encodeIlp(FrameType.RESPONSE, id, testFulfill()), 'fulfill'],
  [id => encodeIlp(FrameType.RESPONSE, id, testReject({ code: 'F05' })), 'F05'],
  [id => encodeIlp(FrameType.MESSAGE, id, testFulfill()), 'fulfill'],
  [id => encodeRefusal(id, 'F00', ''), 'T00'],
  [empty, 'T00'],
  [id => encodeIlp(FrameType.RESPONSE, id, testPrepare()), 'nothing'],
]

const nameOf = (reply: Reply): string => ('code' in reply ? reply.code : 'fulfill')

test('whatever requests, answers and closes come in whatever order: each call settles once, as its own answer says', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async script => {
      const pool = createBtpPool({ address: () => 'test.node' }, { pendingMax: 5 })
      const ports: { port: TestPort; account: number; isOpen: boolean; waiting: number[] }[] = []
      /** By port and request id: what the call has to settle with, and what it settled with. */
      const calls: { port: number; id: number; expected: string | undefined; settled: string[] }[] = []
      const find = (port: number, id: number) =>
        calls.find(call => call.port === port && call.id === id && call.expected === undefined)

      for (const { does, account, which, how } of script) {
        if (does === 'connect') {
          const port = new TestPort()
          pool.add(ACCOUNTS[account] as AccountId, port)
          ports.push({ port, account, isOpen: true, waiting: [] })
        } else if (does === 'request') {
          const outcome = pool.send(ACCOUNTS[account] as AccountId, testPrepare())
          const open = ports.filter(port => port.isOpen && port.account === account)
          if (typeof outcome === 'string') {
            const isFull = open.every(({ waiting }) => waiting.length === 5)
            expect(outcome).toBe(open.length === 0 ? 'no-session' : isFull ? 'saturated' : undefined)
            continue
          }
          const index = ports.findIndex(({ port }) => port.hasSent)
          const entry = ports[index] as (typeof ports)[number]
          const { requestId } = entry.port.frame()
          expect(entry).toMatchObject({ isOpen: true, account })
          expect(entry.waiting).not.toContain(requestId)
          entry.waiting.push(requestId)
          const call = { port: index, id: requestId, expected: undefined, settled: [] as string[] }
          calls.push(call)
          void outcome.then(reply => call.settled.push(nameOf(reply)))
        } else if (ports.length > 0) {
          const index = which % ports.length
          const entry = ports[index] as (typeof ports)[number]
          if (does === 'drop') {
            for (const id of entry.waiting.splice(0))
              Object.assign(find(index, id) as object, { expected: 'T01' })
            entry.isOpen = false
            entry.port.drop()
          } else if (does === 'garbage') {
            entry.port.receive(Buffer.from('garbage'))
          } else {
            // Now and then an id that nobody waits for.
            const id = entry.waiting[which % (entry.waiting.length + 1)] ?? 999_999
            const [answer, outcome] = ANSWERS[how] as (typeof ANSWERS)[number]
            entry.port.receive(answer(id))
            entry.port.frames()
            const call = find(index, id)
            if (!call || outcome === 'nothing') continue
            call.expected = outcome
            entry.waiting = entry.waiting.filter(other => other !== id)
          }
        }
      }
      const waiting = ports.reduce((sum, entry) => sum + entry.waiting.length, 0)
      expect(pool.stats().reduce((sum, stats) => sum + stats.pending, 0)).toBe(waiting)
      for (const call of calls) call.expected ??= 'T01'
      for (const account of ACCOUNTS) pool.closeAccount(account)
      await new Promise(setImmediate)
      for (const call of calls) expect(call.settled).toEqual([call.expected])
    }),
    { numRuns: 300 },
  )
})
