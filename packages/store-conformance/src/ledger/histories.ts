import { deepEqual, rejects } from 'node:assert/strict'
import type { LedgerAccount, Operation, Outcome, Transfer } from '@ilp/store-traits'
import fc from 'fast-check'
import type { AnyStore, Cases } from '../scene.js'
import { AMOUNT_MAX, addsUp, LARGE, ledgerAccount, openSession, type Session } from './given.js'
import { Model } from './model.js'

/** A step of a random history. Indices are taken modulo what there is. */
export type LedgerStep =
  | { readonly do: 'apply'; readonly session: number; readonly plans: readonly Plan[] }
  | { readonly do: 'repeat' | 'passed' | 'gap' | 'end'; readonly session: number }
  | { readonly do: 'open' }

/** A reserve of a new transfer, or what becomes of one that is held. */
interface Plan {
  readonly kind: Operation['kind']
  readonly from: number
  readonly to: number
  readonly incomingAmount: bigint
  readonly amount: bigint
  readonly minBalance: bigint | undefined
  readonly maxBalance: bigint | undefined
  readonly held: number
}

const index = fc.nat(1_000)
const amount = fc.oneof(
  { weight: 5, arbitrary: fc.bigInt(0n, 50n) },
  { weight: 1, arbitrary: fc.constantFrom(...LARGE, 0n) },
  { weight: 1, arbitrary: fc.bigInt(0n, AMOUNT_MAX) },
)
const limit = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.bigInt(-200n, 200n) },
  { weight: 1, arbitrary: fc.constantFrom(...LARGE, ...LARGE.map(value => -value)) },
)
const plan: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constantFrom('reserve', 'reserve', 'commit', 'release'),
  from: index,
  to: index,
  incomingAmount: amount,
  amount,
  minBalance: limit,
  maxBalance: limit,
  held: index,
})
export const ledgerStep: fc.Arbitrary<LedgerStep> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('apply' as const),
      session: index,
      plans: fc.array(plan, { maxLength: 10 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('repeat', 'repeat', 'passed', 'gap', 'end', 'end'),
      session: index,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'open' as const }) },
)

/** Accounts that no other history uses. */
export const accountsOf = (history: number): readonly LedgerAccount[] => [
  ledgerAccount(`a${history}`, { asset: { code: `A${history}`, scale: 9 } }),
  ledgerAccount(`b${history}`, { asset: { code: `A${history}`, scale: 9 } }),
  ledgerAccount(`c${history}`, { asset: { code: `A${history}`, scale: 2 } }),
  ledgerAccount(`d${history}`, { asset: { code: `B${history}`, scale: 9 } }),
]

/** Turns plans into operations. A transfer is committed or released once, under the session that holds it. */
function operationsOf(
  plans: readonly Plan[],
  accounts: readonly LedgerAccount[],
  settled: WeakSet<Transfer>,
  held: readonly Transfer[],
): readonly Operation[] {
  return plans.map(({ kind, ...planned }) => {
    const open = held.filter(transfer => !settled.has(transfer))
    const transfer = open[planned.held % (open.length || 1)]
    if (kind !== 'reserve' && transfer) {
      settled.add(transfer)
      return { kind, transfer }
    }
    const from = accounts[planned.from % accounts.length] as LedgerAccount
    const to = accounts[planned.to % accounts.length] as LedgerAccount
    return {
      kind: 'reserve',
      transfer: {
        from: { ...from, minBalance: planned.minBalance },
        incomingAmount: planned.incomingAmount,
        to: { ...to, maxBalance: planned.maxBalance },
        amount: planned.amount,
      },
    }
  })
}

/** A store and a model that live through the same history. */
export class LedgerHistory {
  readonly model = new Model()
  readonly #settled = new WeakSet<Transfer>()
  readonly #sessions: Session[] = []
  /** What each session sent last, what it was answered, and all that it ever held, also if it was given back since. */
  readonly #last: (readonly Outcome[])[] = []
  readonly #held: Transfer[][] = []

  constructor(
    private readonly stores: readonly [AnyStore, AnyStore],
    private readonly accounts: readonly LedgerAccount[],
  ) {}

  async open(): Promise<void> {
    const at = this.model.openSession()
    this.#sessions.push(await openSession(this.stores[at % 2] ?? this.stores[0]))
    this.#last.push([])
    this.#held.push([])
  }

  async take(step: LedgerStep): Promise<void> {
    if (step.do === 'open') return this.open()
    const at = step.session % this.#sessions.length
    const session = this.#sessions[at] as Session
    const { ledger } = this.stores[step.session % 2] ?? this.stores[0]
    if (step.do === 'apply') await this.#apply(at, session, step.plans)
    else if (step.do === 'end') {
      this.model.endSession(at)
      await ledger.endSession(session.id)
    } else if (step.do === 'repeat') {
      if (session.seq > 0) deepEqual(await ledger.apply(session.id, session.seq, []), this.#last[at])
    } else if (step.do === 'gap') {
      await rejects(() => ledger.apply(session.id, session.seq + 2, []), { code: 'ERR_SEQ_GAP' })
    } else if (session.seq > 1) {
      await rejects(() => ledger.apply(session.id, session.seq - 1, []), { code: 'ERR_SEQ_PASSED' })
    }
  }

  async #apply(at: number, session: Session, plans: readonly Plan[]): Promise<void> {
    const held = this.#held[at] as Transfer[]
    const operations = operationsOf(plans, this.accounts, this.#settled, held)
    const expected = this.model.apply(at, operations)
    deepEqual(await session.apply(...operations), expected)
    this.#last[at] = expected
    operations.forEach(({ kind, transfer }, i) => {
      if (kind === 'reserve' && expected[i] === 'done') held.push(transfer)
    })
  }

  /** Compares everything that can be read. */
  async check(): Promise<void> {
    const [{ ledger }] = this.stores
    for (const { id } of this.accounts) deepEqual(await ledger.readBalance(id), this.model.balance(id), id)
    for (const { asset, ...position } of await ledger.readPositions()) {
      if (!this.accounts.some(account => account.asset.code === asset.code)) continue
      deepEqual(position, this.model.position(asset.code, asset.scale), `the position in ${asset.code}`)
    }
  }
}

export const historyCases: Cases = {
  trait: 'ledger',
  cases: {
    'does in random histories of several sessions what the model does': async ({ openPair, histories }) => {
      const pair = await openPair()
      let count = 0
      await fc.assert(
        fc.asyncProperty(fc.array(ledgerStep, { maxLength: 25, size: 'max' }), async steps => {
          count += 1
          const accounts = accountsOf(count)
          const history = new LedgerHistory(pair, accounts)
          await history.open()
          await history.open()
          for (const next of steps) {
            await history.take(next)
            await history.check()
          }
          await addsUp(pair[0], accounts)
        }),
        { numRuns: histories },
      )
    },
  },
}
