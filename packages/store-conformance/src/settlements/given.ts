import type {
  IncomingSettlement,
  LedgerAccount,
  OutgoingSettlement,
  Quantity,
  SettlementTerms,
} from '@ilp/store-traits'
import { EUR } from '../given.js'
import { ALICE, BOB, CAROL, commit, ledgerAccount, type Session, transfer } from '../ledger/given.js'
import type { AnyStore } from '../scene.js'

/** Who pays in the tests: all money comes from here. */
export const PAYER = ledgerAccount('payer')

export const EVE = ledgerAccount('eve', { asset: EUR })

/** All accounts that have money in these tests. */
export const ALL = [ALICE, BOB, CAROL, EVE, PAYER]

/** Settles all that the node owes. */
export const ALL_OF_IT: SettlementTerms = { threshold: 1n, settleTo: 0n }

/** What settles down to `settleTo` from `threshold` on. */
export const terms = (threshold: bigint, settleTo = 0n): SettlementTerms => ({ threshold, settleTo })

/** Has the node owe so much more to an account. */
export async function owe(session: Session, account: LedgerAccount, amount: bigint): Promise<void> {
  await session.apply(commit(transfer(PAYER, amount, account)))
}

/** An incoming settlement in units of the account, unless its scale is another one. */
export const received = (
  key: string,
  account: LedgerAccount,
  amount: bigint,
  scale = account.asset.scale,
): IncomingSettlement => ({ key, account, quantity: { amount, scale } })

/** What is on its way out, each as its account and amount. */
export async function outbox({ settlements }: AnyStore): Promise<readonly (readonly [string, bigint])[]> {
  return (await settlements.readOutbox()).map(({ account, amount }) => [account.id, amount])
}

/** Takes everything out of the outbox. */
export async function acknowledgeAll({ settlements }: AnyStore): Promise<void> {
  for (const { key } of await settlements.readOutbox()) await settlements.acknowledge(key)
}

/** Who asks for what in a race, from either of two stores by turns. */
export const race = <T>(
  pair: readonly [AnyStore, AnyStore],
  count: number,
  ask: (store: AnyStore, index: number) => Promise<T>,
): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, i) => ask(pair[i % 2] ?? pair[0], i)))

/** What a settlement is in its main points. */
export const gist = (settlement: OutgoingSettlement | undefined) =>
  settlement && ([settlement.account.id, settlement.amount] as const)

/**
 * What has been credited in the end, reckoned from everything that ever came in: whole units of the account, rounded
 * down once.
 */
export function unitsOf(scale: number, quantities: readonly Quantity[]): bigint {
  const total = quantities.reduce((sum, { amount, scale: of }) => sum + amount * 10n ** BigInt(255 - of), 0n)
  return total / 10n ** BigInt(255 - scale)
}
