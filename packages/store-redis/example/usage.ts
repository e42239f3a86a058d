import { accountId, silentLogger } from '@ilp/service-core'
import { createRedisStore } from '@ilp/store-redis'
import { createLedger, createSecrets, Hold } from '@ilp/store-traits'

const asset = { code: 'USD', scale: 9 }
const alice = { id: accountId('alice'), asset, minBalance: -1_000n }
const bob = { id: accountId('bob'), asset }

/**
 * Pays bob from alice, and settles with bob once the node owes him 1,000. Returns what it owes him then, or why alice
 * may not pay.
 */
export async function pay(
  redisUrl: string,
  amount: bigint,
  send: (key: string, amount: bigint) => Promise<void>,
  prefix = 'ilp',
): Promise<string> {
  const secrets = createSecrets(new Uint8Array(32).fill(1))
  await using store = createRedisStore({ connection: redisUrl, secrets, logger: console }, { prefix })
  await store.start()
  await using ledger = createLedger({ store: store.ledger, logger: silentLogger })
  await ledger.start()

  const byMs = Date.now() + 5_000
  const hold = await ledger.reserve({ from: alice, incomingAmount: amount, to: bob, amount }, byMs)
  if (!(hold instanceof Hold)) return hold
  await ledger.commit(hold, byMs)

  await store.settlements.settle(bob, { threshold: 1_000n, settleTo: 200n })
  for (const settlement of await store.settlements.readOutbox()) {
    await send(settlement.key, settlement.amount)
    await store.settlements.acknowledge(settlement.key)
  }
  const { balance } = await store.ledger.readBalance(bob.id)
  return `${balance}`
}
