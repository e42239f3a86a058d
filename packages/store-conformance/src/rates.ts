import { deepEqual, equal } from 'node:assert/strict'
import type { StoredRates } from '@ilp/store-traits'
import { heard, several } from './given.js'
import type { Cases } from './scene.js'

const NOON = 1_800_000_000_000

/** Prices as of so many milliseconds behind noon. */
const ratesOf = (
  ms: number,
  rates: Readonly<Record<string, string>> = { USD: '1', EUR: '1.08' },
): StoredRates => ({
  rates,
  asOfMs: NOON + ms,
})

const alone: Cases = {
  trait: 'rates',
  cases: {
    'are not known at first': async ({ open }) => {
      const { rates } = await open()
      equal(rates.get(), undefined)
    },
    'are those that were in force last, to the last digit': async ({ open }) => {
      const { rates } = await open()
      await rates.set(ratesOf(0))
      deepEqual(rates.get(), ratesOf(0))
      const exact = ratesOf(1, {
        USD: '1.000000000000000000000000000000000001',
        XRP: '0.10',
        '€': '123456789012345678901234567890',
        constructor: '2',
        'a b': '3',
        '': '4',
      })
      await rates.set(exact)
      deepEqual(rates.get(), exact)
      await rates.set(ratesOf(2, {}))
      deepEqual(rates.get(), ratesOf(2, {}))
    },
    'do not change with what they were set to': async ({ open }) => {
      const { rates } = await open()
      const given = { USD: '1' }
      await rates.set(ratesOf(0, given))
      given.USD = '2'
      deepEqual(rates.get(), ratesOf(0, { USD: '1' }))
    },
    'are not replaced by others that are older, or of the same moment': async ({ open, eventually }) => {
      const { rates } = await open()
      const changes = heard(rates.watch)
      await rates.set(ratesOf(10))
      for (const ms of [9, 10, -NOON, 10]) await rates.set(ratesOf(ms, { USD: '7' }))
      deepEqual(rates.get(), ratesOf(10))
      await rates.set(ratesOf(11))
      await eventually('all is announced', () => changes.at(-1)?.asOfMs === NOON + 11)
      deepEqual(changes, [ratesOf(10), ratesOf(11)])
    },
    'are announced once they can be seen': async ({ open, eventually }) => {
      const { rates } = await open()
      const seen: unknown[] = []
      const leave = rates.watch(now => void seen.push([now, rates.get()]))
      const all = heard(rates.watch)
      await rates.set(ratesOf(0))
      await eventually('the rates are announced', () => all.length === 1)
      leave()
      await rates.set(ratesOf(1))
      await eventually('the next ones are announced', () => all.length === 2)
      deepEqual(seen, [[ratesOf(0), ratesOf(0)]])
    },
    'are told to the others when a listener throws': async ({ open, eventually }) => {
      const { rates } = await open()
      rates.watch(() => {
        throw new Error('a listener that throws')
      })
      const changes = heard(rates.watch)
      await rates.set(ratesOf(0))
      await eventually('the rates are announced', () => changes.length === 1)
    },
    'are the newest, and never go back, when many are set at once': async ({ openPair, eventually }) => {
      const pair = await openPair()
      const feeds = pair.map(({ rates }) => heard(rates.watch))
      // Each number once, in disorder.
      const order = several(64, i => (i * 29) % 64)
      await Promise.all(order.map((ms, i) => pair[i % 2]?.rates.set(ratesOf(ms, { USD: `${ms + 1}` }))))
      const newest = ratesOf(63, { USD: '64' })
      for (const { rates } of pair) {
        await eventually('the newest are in force', () => rates.get()?.asOfMs === newest.asOfMs)
        deepEqual(rates.get(), newest)
      }
      for (const changes of feeds) {
        await eventually('the newest are announced', () => changes.at(-1)?.asOfMs === newest.asOfMs)
        const told = changes.map(({ asOfMs }) => asOfMs)
        deepEqual(
          told,
          [...new Set(told)].sort((a, b) => a - b),
        )
      }
    },
  },
}

const shared: Cases = {
  trait: 'rates',
  needs: ['concurrent'],
  cases: {
    'are in force in another store, once for both': async ({ openPair, eventually }) => {
      const [one, other] = await openPair()
      const seen: unknown[] = []
      other.rates.watch(now => void seen.push([now, other.rates.get()]))
      await one.rates.set(ratesOf(5))
      await eventually('the rates are announced', () => seen.length === 1)
      deepEqual(seen, [[ratesOf(5), ratesOf(5)]])
      await other.rates.set(ratesOf(4, { USD: '9' }))
      for (const { rates } of [one, other]) deepEqual(rates.get(), ratesOf(5))
    },
  },
}

const kept: Cases = {
  trait: 'rates',
  needs: ['durable'],
  cases: {
    'outlive a restart, and are not replaced by older ones behind it': async ({ open }) => {
      const before = await open()
      await before.rates.set(ratesOf(5))
      await before.stop()
      const { rates } = await open()
      deepEqual(rates.get(), ratesOf(5))
      await rates.set(ratesOf(4, { USD: '9' }))
      deepEqual(rates.get(), ratesOf(5))
    },
  },
}

export const rateCases: readonly Cases[] = [alone, shared, kept]
