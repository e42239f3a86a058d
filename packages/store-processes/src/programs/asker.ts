import { ALICE, BOB } from '../given.js'
import { started } from './started.js'

/**
 * Asks for the same settlements and adjustments, and for tokens of one bucket, many times at once, when it is told to;
 * says what it was answered, and how many tokens it got.
 */
const [store, count] = await started()
const { settlements, adjustments, rateLimits } = store
const bucket = { perMinute: 0n, capacity: 100n }
let tokens = 0n

async function ask(): Promise<string> {
  const [credited, adjusted, settled, taken] = await Promise.all([
    settlements.credit({ key: 'one', account: ALICE, quantity: { amount: 12_345n, scale: 11 } }),
    adjustments.adjust({ key: 'one', account: ALICE, amount: -(2n ** 80n), reason: 'a correction' }),
    settlements.settle(BOB, { threshold: 10n, settleTo: 1n }),
    rateLimits.take('one', bucket, 3n),
  ])
  tokens += taken
  return [credited, adjusted, settled?.key, settled?.amount].join(' ')
}

console.log('ready.')
process.once('message', async () => {
  const answers = await Promise.all(Array.from({ length: Number(count) }, ask))
  await store.stop()
  console.log(`answers ${JSON.stringify({ answers, tokens: Number(tokens) })}.`)
})
