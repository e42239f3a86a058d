import { accountId, silentLogger } from '@ilp/service-core'
import { createPostgresStore } from '@ilp/store-postgres'
import { createLedger, createSecrets, Hold } from '@ilp/store-traits'

const asset = { code: 'USD', scale: 9 }
const alice = { id: accountId('alice'), asset, minBalance: -1_000n }
const bob = { id: accountId('bob'), asset }

/** Pays bob from alice; returns what the node owes bob then, or why alice may not pay. */
export async function pay(postgresUrl: string, amount: bigint, schema = 'ilp'): Promise<string> {
  const secrets = createSecrets(new Uint8Array(32).fill(1))
  await using store = createPostgresStore({ connection: postgresUrl, secrets, logger: console }, { schema })
  await store.start()
  await using ledger = createLedger({ store: store.ledger, logger: silentLogger })
  await ledger.start()

  const byMs = Date.now() + 5_000
  const hold = await ledger.reserve({ from: alice, incomingAmount: amount, to: bob, amount }, byMs)
  if (!(hold instanceof Hold)) return hold
  await ledger.commit(hold, byMs)
  const { balance } = await store.ledger.readBalance(bob.id)
  return `${balance}`
}
