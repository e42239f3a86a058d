import { accountId } from '@ilp/service-core'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'

/** Pays 100 units from alice to bob, who gets 99; returns what the node owes to bob, and what it has earned. */
export async function payOnce() {
  await using store = createMemoryStore({ secrets: createSecrets(new Uint8Array(32).fill(1)) })
  await store.start()

  const asset = { code: 'USD', scale: 9 }
  const alice = { id: accountId('alice'), username: 'alice', asset, minBalance: -1_000n }
  const bob = { id: accountId('bob'), username: 'bob', asset, maxBalance: 1_000n }
  await store.accounts.put(alice)
  await store.accounts.put(bob)
  await store.credentials.setIncomingTokens(alice.id, 'http', ['alices-token'])
  const from = store.credentials.authenticate('http', 'alices-token')
  if (from !== alice.id) throw new Error('not the token of alice')

  const session = await store.ledger.openSession({ leaseMs: 5_000, holdMaxMs: 30_000 })
  const transfer = { from: alice, incomingAmount: 100n, to: bob, amount: 99n }
  await store.ledger.apply(session, 1, [{ kind: 'reserve', transfer }])
  await store.ledger.apply(session, 2, [{ kind: 'commit', transfer }])

  const { balance } = await store.ledger.readBalance(bob.id)
  const [position] = await store.ledger.readPositions()
  return { balance, earned: position?.balance }
}
