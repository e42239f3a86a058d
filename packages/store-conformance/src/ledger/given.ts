import { deepEqual, equal } from 'node:assert/strict'
import { type AccountId, type Asset, accountId } from '@ilp/service-core'
import type {
  LedgerAccount,
  LedgerStore,
  Operation,
  Outcome,
  SessionId,
  SessionTerms,
  Transfer,
} from '@ilp/store-traits'
import { USD } from '../given.js'
import type { AnyStore } from '../scene.js'

/** Terms under which no session ends while a test runs. */
export const LONG: SessionTerms = { leaseMs: 600_000, holdMaxMs: 600_000 }

export const AMOUNT_MAX = 2n ** 64n - 1n

/** Amounts that a double, or a signed integer, can't tell from their neighbours. */
export const LARGE: readonly bigint[] = [2n ** 53n + 1n, 10n ** 17n + 1n, 2n ** 63n + 1n, AMOUNT_MAX]

export const ledgerAccount = (name: string, fields: Partial<LedgerAccount> = {}): LedgerAccount => ({
  id: accountId(name),
  asset: USD,
  ...fields,
})

export const ALICE = ledgerAccount('alice')
export const BOB = ledgerAccount('bob')
export const CAROL = ledgerAccount('carol')

/** A transfer of the same amount on both sides, unless another one is to arrive. */
export const transfer = (
  from: LedgerAccount,
  incomingAmount: bigint,
  to: LedgerAccount,
  amount = incomingAmount,
): Transfer => ({ from, incomingAmount, to, amount })

const operation =
  (kind: Operation['kind']) =>
  (of: Transfer): Operation => ({ kind, transfer: of })

export const reserve = operation('reserve')
export const commit = operation('commit')
export const release = operation('release')

/** One session of a store, which counts its batches. */
export class Session {
  seq = 0

  constructor(
    readonly id: SessionId,
    private readonly ledger: LedgerStore,
  ) {}

  /** Applies the next batch. */
  apply(...operations: readonly Operation[]): Promise<readonly Outcome[]> {
    this.seq += 1
    return this.ledger.apply(this.id, this.seq, operations)
  }

  /** Applies the last batch once more. */
  repeat(...operations: readonly Operation[]): Promise<readonly Outcome[]> {
    return this.ledger.apply(this.id, this.seq, operations)
  }

  /** The same session, used through another store. */
  through({ ledger }: AnyStore): Session {
    const same = new Session(this.id, ledger)
    same.seq = this.seq
    return same
  }
}

export const openSession = async ({ ledger }: AnyStore, terms: SessionTerms = LONG): Promise<Session> =>
  new Session(await ledger.openSession(terms), ledger)

/** What an account is expected to have: its balance, what is held out of it and what is held for it. */
export type Expected = readonly [balance: bigint, heldOut?: bigint, heldIn?: bigint]

export async function hasBalance(
  { ledger }: AnyStore,
  { id }: { readonly id: AccountId },
  [balance, heldOut = 0n, heldIn = 0n]: Expected,
): Promise<void> {
  deepEqual(await ledger.readBalance(id), { balance, heldOut, heldIn }, id)
}

/** The positions that aren't zero, by code and scale. */
export async function positions({ ledger }: AnyStore): Promise<Record<string, bigint>> {
  const read = await ledger.readPositions()
  const used = read.filter(({ balance }) => balance !== 0n)
  return Object.fromEntries(used.map(({ asset, balance }) => [`${asset.code} ${asset.scale}`, balance]))
}

/** The counterparts of packets, of settlements and of adjustments in one asset and scale. */
export async function counterparts(
  { ledger }: AnyStore,
  { code, scale }: Asset = USD,
): Promise<readonly [balance: bigint, settled: bigint, adjusted: bigint]> {
  const all = await ledger.readPositions()
  const found = all.find(({ asset }) => asset.code === code && asset.scale === scale)
  return [found?.balance ?? 0n, found?.settled ?? 0n, found?.adjusted ?? 0n]
}

/** For each asset and scale of these accounts, which are all that there are of it: everything together is zero. */
export async function addsUp({ ledger }: AnyStore, accounts: readonly LedgerAccount[]): Promise<void> {
  const sums = new Map<string, bigint>()
  const name = ({ code, scale }: Asset) => `${code} ${scale}`
  for (const { id, asset } of accounts) {
    const { balance } = await ledger.readBalance(id)
    sums.set(name(asset), (sums.get(name(asset)) ?? 0n) + balance)
  }
  for (const { asset, balance, settled, adjusted } of await ledger.readPositions()) {
    const sum = sums.get(name(asset))
    if (sum !== undefined) sums.set(name(asset), sum + balance + settled + adjusted)
  }
  for (const [asset, sum] of sums) equal(sum, 0n, `the sum of ${asset}`)
}

/** How often each outcome comes up. */
export function tally(outcomes: readonly (Outcome | undefined)[]): Partial<Record<Outcome, number>> {
  const counts: Partial<Record<Outcome, number>> = {}
  for (const outcome of outcomes) if (outcome) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}
