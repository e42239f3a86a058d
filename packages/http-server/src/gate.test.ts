import { expect, test } from 'vitest'
import { Gate } from './gate.js'

const nextTurn = () => new Promise(resolve => setImmediate(resolve))

test('the chain is asked once in a turn of the event loop', async () => {
  let asked = 0
  const gate = new Gate(async () => {
    asked += 1
  }, 1_000)
  expect(await Promise.all([gate.opens(), gate.opens(), gate.opens()])).toEqual([true, true, true])
  expect(asked).toBe(1)
  await nextTurn()
  expect(await gate.opens()).toBe(true)
  expect(asked).toBe(2)
})

test('a chain that is not ready in time keeps it shut, and is told that nobody waits any more', async () => {
  let told: unknown
  const gate = new Gate(
    signal =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          told = signal.reason
          reject(signal.reason)
        })
      }),
    10,
  )
  expect(await gate.opens()).toBe(false)
  expect(told).toMatchObject({ name: 'AbortError' })
})

test('a chain that ignores the signal keeps it shut all the same', async () => {
  expect(await new Gate(() => new Promise(() => {}), 10).opens()).toBe(false)
})

test('a chain that fails keeps it shut until it is asked again', async () => {
  let broken = true
  const gate = new Gate(() => (broken ? Promise.reject(new Error('store lost')) : Promise.resolve()), 1_000)
  expect(await gate.opens()).toBe(false)
  broken = false
  await nextTurn()
  expect(await gate.opens()).toBe(true)
})

test('a question that takes too long does not end those that were asked behind it', async () => {
  const signals: (AbortSignal | undefined)[] = []
  const gate = new Gate(signal => {
    signals.push(signal)
    return new Promise(() => {})
  }, 50)
  const first = gate.opens()
  await nextTurn()
  const second = gate.opens()
  expect(await Promise.race([first.then(() => 'first'), second.then(() => 'second')])).toBe('first')
  expect(signals.map(signal => signal?.aborted)).toEqual([true, false])
  expect(await second).toBe(false)
})
