import { accountId } from '@ilp/service-core'
import { createLmdbStore } from '@ilp/store-lmdb'
import { createSecrets } from '@ilp/store-traits'

const secrets = createSecrets(new Uint8Array(32).fill(1))
const asset = { code: 'USD', scale: 9 }
const alice = { id: accountId('alice'), username: 'alice', asset, minBalance: -1_000n }
const bob = { id: accountId('bob'), username: 'bob', asset }

/** Pays 100 units from alice to bob, who gets 99. When it returns, both are on the disk. */
export async function payOnce(directory: string): Promise<void> {
  await using store = createLmdbStore({ directory, secrets })
  await store.start()
  await store.accounts.put(alice)
  await store.accounts.put(bob)

  const session = await store.ledger.openSession({ leaseMs: 5_000, holdMaxMs: 30_000 })
  const transfer = { from: alice, incomingAmount: 100n, to: bob, amount: 99n }
  await store.ledger.apply(session, 1, [{ kind: 'reserve', transfer }])
  await store.ledger.apply(session, 2, [{ kind: 'commit', transfer }])
}

/** What the node owes to bob, read by whoever opens the folder next. */
export async function readBalance(directory: string): Promise<bigint> {
  await using store = createLmdbStore({ directory, secrets })
  await store.start()
  const { balance } = await store.ledger.readBalance(bob.id)
  return balance
}
