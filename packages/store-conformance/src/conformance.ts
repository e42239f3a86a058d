import { accountCases } from './accounts.js'
import { sharedAccountCases } from './accounts-shared.js'
import { addressCases } from './address.js'
import { adjustmentCases } from './adjustments.js'
import { credentialCases } from './credentials.js'
import { credentialFeedCases } from './credentials-feed.js'
import { type StoreHarness, TRAITS, type Trait } from './harness.js'
import { ledgerCases } from './ledger/index.js'
import { lifeCases } from './life.js'
import { rateLimitCases } from './rate-limits.js'
import { rateCases } from './rates.js'
import { routeCases } from './routes.js'
import { type Need, play } from './scene.js'
import { settlementCases } from './settlements/index.js'

/** One test. Passes when `run` resolves; any test runner can call it. */
export interface ConformanceTest {
  readonly trait: Trait
  /** What it shows, begun with the trait. No two tests have the same. */
  readonly name: string
  /** Rejects with an `AssertionError` where the store does otherwise, or with what the store threw. */
  readonly run: () => Promise<void>
}

const ALL = [
  ...lifeCases,
  ...accountCases,
  ...sharedAccountCases,
  ...credentialCases,
  ...credentialFeedCases,
  ...addressCases,
  ...routeCases,
  ...rateCases,
  ...ledgerCases,
  ...settlementCases,
  ...adjustmentCases,
  ...rateLimitCases,
]

/**
 * The tests that a store has to pass, in no order that matters. Tests of what the harness says the store can't do are
 * left out. They may run at the same time, except where time is made to pass.
 */
export function storeConformance<Backend, T extends Trait>(
  harness: StoreHarness<Backend, T>,
): readonly ConformanceTest[] {
  const traits: readonly Trait[] = harness.traits
  const has = (need: Need): boolean => {
    if (need === 'dump' || need === 'pass') return harness[need] !== undefined
    return need === 'concurrent' || need === 'durable' ? harness[need] : traits.includes(need)
  }
  return TRAITS.flatMap(trait =>
    ALL.filter(set => set.trait === trait && [trait, ...(set.needs ?? [])].every(has)).flatMap(set =>
      Object.entries(set.cases).map(([title, run]) => ({
        trait,
        name: `${trait}: ${title}`,
        run: () => play(harness, run),
      })),
    ),
  )
}
