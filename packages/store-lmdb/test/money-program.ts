import { type AccountId, accountId } from '@ilp/service-core'
import { createSecrets } from '@ilp/store-traits'
import { createLmdbStore } from '../src/index.js'
import { tell } from './tell.js'

// Credits, settles, acknowledges and adjusts without a pause, each worker an account of its own, until the process is
// killed. It tells of each round before it begins and of each answer.
const [, , directory = '', round = ''] = process.argv
const asset = { code: 'USD', scale: 9 }
const store = createLmdbStore({ directory, secrets: createSecrets(new Uint8Array(32)) })
await store.start()
const { settlements, adjustments } = store

async function work(id: AccountId): Promise<never> {
  const account = { id, asset }
  const say = (what: string, said: unknown) => tell({ id, what, said })
  for (let i = 0; ; i++) {
    const key = `${id} ${i}`
    await say('begun', i)
    // 2.5 units each time: what is left over makes one every other time.
    await say('credited', await settlements.credit({ key, account, quantity: { amount: 25n, scale: 10 } }))
    await adjustments.adjust({ key, account, amount: 3n, reason: 'a bank transfer' })
    await say('adjusted', i)
    const settlement = await settlements.settle(account, { threshold: 1n, settleTo: 1n })
    await say('settled', settlement?.key)
    if (!settlement) continue
    await settlements.acknowledge(settlement.key)
    await say('acknowledged', settlement.key)
  }
}

process.once('disconnect', () => process.exit())
await Promise.all(Array.from({ length: 6 }, (_, i) => work(accountId(`${round}-${i}`))))
