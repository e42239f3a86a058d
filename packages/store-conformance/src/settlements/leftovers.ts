import { equal } from 'node:assert/strict'
import type { Quantity } from '@ilp/store-traits'
import fc from 'fast-check'
import { ALICE, addsUp, BOB, hasBalance, ledgerAccount } from '../ledger/given.js'
import type { Cases } from '../scene.js'
import { ALL, received, unitsOf } from './given.js'

const scale = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(0, 255) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 255 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 12 }) },
)
const amount = fc.oneof(
  { weight: 2, arbitrary: fc.bigInt(0n, 10_000n) },
  { weight: 1, arbitrary: fc.bigInt(0n, 10n ** 100n - 1n) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 99 }).map(zeros => 10n ** BigInt(zeros)) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 100 }).map(nines => 10n ** BigInt(nines) - 1n) },
)
const quantities: fc.Arbitrary<Quantity[]> = fc.array(fc.record({ amount, scale }), {
  minLength: 1,
  maxLength: 8,
})

const DIGITS_MAX = 100

/** What lacks for another unit behind these quantities, less 10^-255: in parts of so many digits as one may have. */
function allButTheLeast(own: number, given: readonly Quantity[]): readonly Quantity[] {
  const lacking = 10n ** BigInt(255 - own) * (unitsOf(own, given) + 1n) - unitsOf(255, given) - 1n
  const parts: Quantity[] = []
  for (let [left, at] = [lacking, 255]; left > 0n; left /= 10n ** BigInt(DIGITS_MAX), at -= DIGITS_MAX) {
    parts.push({ amount: left % 10n ** BigInt(DIGITS_MAX), scale: at })
  }
  return parts
}

/** What is less than a unit. */
export const leftoverCases: readonly Cases[] = [
  {
    trait: 'settlements',
    needs: ['ledger'],
    cases: {
      'keep what is less than a unit until it is one': async ({ open }) => {
        const store = await open()
        const { settlements } = store
        equal(await settlements.credit(received('a', ALICE, 1n, 10)), 0n)
        await hasBalance(store, ALICE, [0n])
        equal(await settlements.credit(received('b', ALICE, 899n, 12)), 0n)
        equal(await settlements.credit(received('c', ALICE, 1n, 12)), 1n)
        equal(await settlements.credit(received('d', ALICE, 9_999n, 13)), 0n)
        equal(await settlements.credit(received('e', ALICE, 2n, 13)), 1n)
        await hasBalance(store, ALICE, [2n])
        await addsUp(store, ALL)
      },
      'keep it for each account by itself': async ({ open }) => {
        const { settlements } = await open()
        equal(await settlements.credit(received('a', ALICE, 9n, 10)), 0n)
        equal(await settlements.credit(received('b', BOB, 9n, 10)), 0n)
        equal(await settlements.credit(received('c', BOB, 1n, 10)), 1n)
        equal(await settlements.credit(received('d', ALICE, 1n, 10)), 1n)
      },
      'span all scales': async ({ open }) => {
        const store = await open()
        const { settlements } = store
        const coarse = ledgerAccount('coarse', { asset: { code: 'SPAN', scale: 0 } })
        const fine = ledgerAccount('fine', { asset: { code: 'SPAN', scale: 255 } })
        equal(await settlements.credit(received('a', fine, 7n, 0)), 7n * 10n ** 255n)
        equal(await settlements.credit(received('b', coarse, 1n, 255)), 0n)
        equal(await settlements.credit(received('c', coarse, 10n ** 100n - 1n, 100)), 0n)
        equal(await settlements.credit(received('d', coarse, 10n ** 100n - 1n, 200)), 0n)
        equal(await settlements.credit(received('e', coarse, 10n ** 55n - 2n, 255)), 0n)
        equal(await settlements.credit(received('f', coarse, 0n, 0)), 0n)
        equal(await settlements.credit(received('g', coarse, 1n, 255)), 1n)
        equal(await settlements.credit(received('h', coarse, 10n ** 100n - 1n, 100)), 0n)
        equal(await settlements.credit(received('i', coarse, 1n, 100)), 1n)
        await hasBalance(store, coarse, [2n])
        await hasBalance(store, fine, [7n * 10n ** 255n])
        await addsUp(store, [coarse])
        await addsUp(store, [fine])
      },
      'lose nothing over any quantities of any scales': async ({ openPair, histories }) => {
        const pair = await openPair()
        let count = 0
        await fc.assert(
          fc.asyncProperty(scale, quantities, async (own, given) => {
            count += 1
            const account = ledgerAccount(`l${count}`, { asset: { code: `L${count}`, scale: own } })
            let credited = 0n
            for (const [i, quantity] of given.entries()) {
              const { settlements } = pair[i % 2] ?? pair[0]
              const key = `${count} ${i}`
              const expected = unitsOf(own, given.slice(0, i + 1)) - credited
              equal(await settlements.credit({ key, account, quantity }), expected)
              credited += expected
            }
            await hasBalance(pair[0], account, [credited])
            // The least that there is makes a unit of what is left over and all but that of what it lacks.
            const { settlements } = pair[1]
            for (const [i, quantity] of allButTheLeast(own, given).entries()) {
              equal(await settlements.credit({ key: `${count} rest ${i}`, account, quantity }), 0n)
            }
            const quantity = { amount: 1n, scale: 255 }
            equal(await settlements.credit({ key: `${count} least`, account, quantity }), 1n)
            await addsUp(pair[1], [account])
          }),
          { numRuns: histories },
        )
      },
    },
  },
]
