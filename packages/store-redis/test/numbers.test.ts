import { quantityIn } from '@ilp/store-traits'
import { redisServer } from '@ilp/test-servers'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { NUMBERS } from '../src/lua/numbers.js'
import { POSTING } from '../src/lua/posting.js'
import { QUANTITIES } from '../src/lua/settlements.js'

let client: Redis
let stop: () => Promise<void>

beforeAll(async () => {
  const server = await redisServer()
  client = new Redis(server.url)
  stop = async () => {
    client.disconnect()
    await server.stop()
  }
})
afterAll(() => stop?.())

/** Around the borders of limbs, of pairs, of doubles, and anywhere. */
const integer = fc.oneof(
  fc.bigInt(-(2n ** 130n), 2n ** 130n),
  fc.bigInt(-(10n ** 16n), 10n ** 16n),
  fc
    .record({
      border: fc.constantFrom(
        0n,
        10n ** 10n,
        10n ** 15n,
        2n ** 53n,
        10n ** 17n,
        10n ** 20n,
        2n ** 64n,
        2n ** 80n,
        10n ** 25n,
        10n ** 30n,
      ),
      by: fc.bigInt(-2n, 2n),
      sign: fc.constantFrom(1n, -1n),
    })
    .map(({ border, by, sign }) => sign * (border + by)),
)
const limb = fc.integer({ min: -1e15, max: 1e15 })

it('sums are exact at any size', async () => {
  const cases = fc.array(fc.record({ value: integer, high: limb, low: limb }), {
    minLength: 200,
    maxLength: 200,
  })
  const text = `${NUMBERS}
    local sums = {}
    for i = 1, #ARGV, 3 do
      sums[#sums + 1] = plus(ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]))
    end
    return sums`
  await fc.assert(
    fc.asyncProperty(cases, async given => {
      const sums = await client.eval(
        text,
        0,
        ...given.flatMap(({ value, high, low }) => [`${value}`, high, low]),
      )
      const expected = given.map(
        ({ value, high, low }) => `${value + BigInt(high) * 10n ** 10n + BigInt(low)}`,
      )
      expect(sums).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})

it('what is left of a limit has the right sign, whatever a batch moves', async () => {
  const cases = fc.array(fc.tuple(integer, integer, integer, fc.bigInt(-2n, 2n), fc.bigInt(0n, 2n ** 64n)), {
    minLength: 200,
    maxLength: 200,
  })
  const text = `${NUMBERS}
    local signs = {}
    for i = 1, #ARGV, 5 do
      local high, low = room(ARGV[i], ARGV[i + 1], ARGV[i + 2])
      local left = (high - tonumber(ARGV[i + 3])) * BASE + (low - tonumber(ARGV[i + 4]))
      signs[#signs + 1] = left < 0 and -1 or left > 0 and 1 or 0
    end
    return signs`
  await fc.assert(
    fc.asyncProperty(cases, async given => {
      const all = given.flatMap(([value, other, another, by, amount]) => {
        // As often as not the amount is what is left, or next to it.
        const left = value - other - another
        const moved = left >= 0n && left < 2n ** 64n ? left + by : amount
        return [
          {
            args: [`${value}`, `${other}`, `${another}`, `${moved / 10n ** 10n}`, `${moved % 10n ** 10n}`],
            left: left - moved,
          },
        ]
      })
      const signs = await client.eval(text, 0, ...all.flatMap(({ args }) => args))
      expect(signs).toEqual(all.map(({ left }) => Number(left > 0n) - Number(left < 0n)))
    }),
    { numRuns: 30 },
  )
})

it('quantities of any scale are added up to units, and what is left over, to the last digit', async () => {
  const scale = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 9, 254, 255))
  const amount = fc.oneof(
    fc.bigInt(0n, 10n ** 100n - 1n),
    fc.bigInt(0n, 2_000n),
    fc
      .record({ power: fc.bigInt(0n, 99n), by: fc.bigInt(-1n, 1n) })
      .map(({ power, by }) => 10n ** power + by),
  )
  const quantity = fc.record({ amount, scale })
  const cases = fc.array(fc.tuple(scale, quantity, quantity), { minLength: 50, maxLength: 50 })
  const text = `${POSTING}${QUANTITIES}
    local all = {}
    for i = 1, #ARGV, 5 do
      local units, rest, scale = unitsIn(
        tonumber(ARGV[i]), ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3], tonumber(ARGV[i + 4]))
      all[#all + 1] = units .. ' ' .. rest .. ' ' .. scale
    end
    return all`
  await fc.assert(
    fc.asyncProperty(cases, async given => {
      const args = given.flatMap(([to, one, other]) => [to, one.amount, one.scale, other.amount, other.scale])
      const expected = given.map(([to, one, other]) => {
        const { amount: units, leftover } = quantityIn(to, one, other)
        return `${units} ${leftover.amount} ${leftover.scale}`
      })
      expect(await client.eval(text, 0, ...args.map(String))).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})
