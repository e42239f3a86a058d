import { randomUUID } from 'node:crypto'
import { type Backend, createMyStore } from '@ilp/my-store'
import { accountId } from '@ilp/service-core'

const alice = { id: accountId('alice'), asset: { code: 'USD', scale: 9 } }

/** Books what alice has paid in by hand; returns what the node owes her then. */
export async function payIn(backend: Backend, amount: bigint): Promise<bigint> {
  await using store = createMyStore({ backend })
  await store.start()
  await store.adjustments.adjust({ key: randomUUID(), account: alice, amount, reason: 'paid in' })
  const { balance } = await store.ledger.readBalance(alice.id)
  return balance
}
