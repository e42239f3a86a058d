/** Random histories of balances, failures and restarts: nothing is settled twice, and nothing is lost. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeEngine, type Verdict } from './fake-engine.js'
import { settled, startScene, startSettler } from './scene.js'

const VERDICTS: readonly (Verdict | undefined)[] = [
  undefined,
  'lost',
  'cut',
  { status: 400 },
  { status: 404 },
  { status: 409 },
  { status: 500 },
  { status: 302 },
]
const FAILURES = [undefined, undefined, 'before', 'behind'] as const

const step = fc.oneof(
  fc.record({ do: fc.constant('owe' as const), account: fc.nat(2), amount: fc.bigInt(1n, 120n) }),
  fc.record({
    do: fc.constant('judge' as const),
    verdicts: fc.array(fc.constantFrom(...VERDICTS), { maxLength: 6 }),
  }),
  fc.record({
    do: fc.constant('fail' as const),
    failures: fc.array(fc.constantFrom(...FAILURES), { maxLength: 4 }),
  }),
  fc.record({ do: fc.constantFrom('restart' as const, 'retry' as const, 'pause' as const) }),
)

test('what leaves the balances arrives at the engine, to the unit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
      // One of its own: what a stop gives up may yet come to the engine.
      const engine = await new FakeEngine().start()
      const scene = await startScene()
      const accounts = ['a', 'b', 'c'].map((name, i) =>
        settled(name, { engineUrl: engine.url, settleThreshold: 100n, settleTo: BigInt(i * 10) }),
      )
      await scene.put(...accounts)
      // Two processes on one store, the first of which is restarted at times.
      let first = await startSettler(scene, { lookIntervalMs: 10 })
      const second = await startSettler(scene, { lookIntervalMs: 10 })
      let owed = 0n
      for (const each of steps) {
        if (each.do === 'owe') {
          const account = accounts[each.account] as (typeof accounts)[number]
          await scene.owe(account, each.amount)
          owed += each.amount
          first.booked(account)
        } else if (each.do === 'judge') {
          const verdicts = [...each.verdicts]
          engine.judge = () => verdicts.pop()
        } else if (each.do === 'fail') {
          const failures = [...each.failures]
          scene.fails = () => failures.pop()
        } else if (each.do === 'restart') {
          await first.stop()
          first = await startSettler(scene, { lookIntervalMs: 10 })
        } else if (each.do === 'retry') first.retryNow()
        else await new Promise(resolve => setTimeout(resolve, 3))
      }
      engine.judge = () => undefined
      scene.fails = () => undefined
      const balances = () => Promise.all(accounts.map(account => scene.balanceOf(account)))
      await expect
        .poll(
          async () => {
            first.retryNow()
            return (await scene.outbox()) === 0 && (await balances()).every(balance => balance < 100n)
          },
          { interval: 3, timeout: 20_000 },
        )
        .toBe(true)
      const left = (await balances()).reduce((sum, balance) => sum + balance, 0n)
      expect(engine.total + left).toBe(owed)
      await first.stop()
      await second.stop()
      await engine.stop()
    }),
    { numRuns: 60 },
  )
})
