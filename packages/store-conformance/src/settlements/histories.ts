import { deepEqual, equal } from 'node:assert/strict'
import type { AccountId } from '@ilp/service-core'
import type { LedgerAccount, OutgoingSettlement, Quantity, SettlementTerms } from '@ilp/store-traits'
import fc from 'fast-check'
import { addsUp } from '../ledger/given.js'
import { accountsOf, LedgerHistory, type LedgerStep, ledgerStep } from '../ledger/histories.js'
import type { AnyStore, Cases } from '../scene.js'

/** A step of a history of everything that books money. Indices are taken modulo what there is. */
type Step =
  | { readonly do: 'settle'; readonly account: number; readonly terms: SettlementTerms }
  | { readonly do: 'acknowledge'; readonly which: number }
  /** Says or asks once more what was said or asked before. */
  | { readonly do: 'again'; readonly which: number }
  | { readonly do: 'credit'; readonly account: number; readonly key: number; readonly quantity: Quantity }
  | { readonly do: 'adjust'; readonly account: number; readonly key: number; readonly amount: bigint }

const index = fc.nat(1_000)
/** So few that some come up again, with the same or with something else. */
const key = fc.nat(9)
const amount = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(-100n, 100n) },
  { weight: 1, arbitrary: fc.bigInt(-(2n ** 90n), 2n ** 90n) },
)
const quantity = fc.record({
  amount: fc.oneof(fc.constantFrom(0n, 9n, 1_999n), fc.bigInt(0n, 10n ** 30n)),
  scale: fc.constantFrom(0, 2, 3, 10, 10, 40),
})

const moneyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      account: index,
      terms: fc.record({ threshold: amount, settleTo: amount }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), which: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), which: index }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('credit' as const), account: index, key, quantity }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('adjust' as const), account: index, key, amount }) },
)

const steps: fc.Arbitrary<(Step | LedgerStep)[]> = fc.array(fc.oneof(ledgerStep, moneyStep, moneyStep), {
  maxLength: 25,
  size: 'max',
})

const isMoneyStep = (step: Step | LedgerStep): step is Step =>
  ['settle', 'acknowledge', 'again', 'credit', 'adjust'].includes(step.do)

/** A store and a model that live through packets, settlements and adjustments of the same accounts. */
class MixedHistory {
  readonly #packets: LedgerHistory
  /** What waits for each account's engine, as the store answered it first. */
  readonly #waiting = new Map<AccountId, OutgoingSettlement>()
  readonly #keys = new Set<string>()
  readonly #said: ((store: AnyStore) => Promise<void>)[] = []

  constructor(
    private readonly stores: readonly [AnyStore, AnyStore],
    private readonly accounts: readonly LedgerAccount[],
    /** That no other history uses in keys. */
    private readonly name: string,
  ) {
    this.#packets = new LedgerHistory(stores, accounts)
  }

  open(): Promise<void> {
    return this.#packets.open()
  }

  async take(step: Step | LedgerStep, at: number): Promise<void> {
    if (!isMoneyStep(step)) return this.#packets.take(step)
    const store = this.stores[at % 2] ?? this.stores[0]
    if (step.do === 'acknowledge') return this.#acknowledge(store, step.which)
    if (step.do === 'again') return this.#said[step.which % (this.#said.length || 1)]?.(store)
    const account = this.accounts[step.account % this.accounts.length] as LedgerAccount
    if (step.do === 'settle') return this.#settle(store, account, step.terms)
    const say = step.do === 'credit' ? this.#credit(account, step) : this.#adjust(account, step)
    this.#said.push(say)
    await say(store)
  }

  #credit(account: LedgerAccount, { key: number, quantity }: Step & { do: 'credit' }) {
    const settlement = { key: `${this.name} ${number}`, account, quantity }
    return async ({ settlements }: AnyStore) => {
      equal(await settlements.credit(settlement), this.#packets.model.credit(settlement))
    }
  }

  #adjust(account: LedgerAccount, { key: number, amount: by }: Step & { do: 'adjust' }) {
    const adjustment = { key: `${this.name} ${number}`, account, amount: by, reason: `because of ${by}` }
    return async ({ adjustments }: AnyStore) => {
      equal(await adjustments.adjust(adjustment), this.#packets.model.adjust(adjustment))
    }
  }

  async #settle({ settlements }: AnyStore, account: LedgerAccount, terms: SettlementTerms): Promise<void> {
    const expected = this.#packets.model.settle(account, terms)
    const settlement = await settlements.settle(account, terms)
    equal(settlement?.amount, expected)
    if (!settlement) return
    const known = this.#waiting.get(account.id)
    if (known) deepEqual(settlement, known)
    else equal(this.#keys.has(settlement.key), false, 'a key was given twice')
    this.#keys.add(settlement.key)
    this.#waiting.set(account.id, settlement)
  }

  async #acknowledge({ settlements }: AnyStore, which: number): Promise<void> {
    const waiting = [...this.#waiting.values()]
    const settlement = waiting[which % (waiting.length || 1)]
    await settlements.acknowledge(settlement?.key ?? `${this.name} unknown`)
    if (!settlement) return
    this.#waiting.delete(settlement.account.id)
    this.#packets.model.acknowledge(settlement.account.id)
  }

  /** Leaves nothing in the outbox, which all histories share. */
  async end(): Promise<void> {
    const [{ settlements }] = this.stores
    for (const { key: waiting } of this.#waiting.values()) await settlements.acknowledge(waiting)
  }

  /** Compares everything that can be read. */
  async check(): Promise<void> {
    await this.#packets.check()
    const { model } = this.#packets
    const [{ settlements, adjustments }, other] = this.stores
    const own = (await settlements.readOutbox()).filter(({ account }) =>
      this.accounts.some(({ id }) => id === account.id),
    )
    deepEqual(
      own,
      model.outbox().map(id => this.#waiting.get(id)),
    )
    for (const { id } of this.accounts) {
      const read = await adjustments.read(id)
      deepEqual(
        read.map(({ postedAtMs: _, ...posted }) => posted),
        model.adjustments(id).map(({ account, ...posted }) => ({ ...posted, account: account.id })),
      )
    }
    await addsUp(other, this.accounts)
  }
}

export const mixedHistoryCases: Cases = {
  trait: 'settlements',
  needs: ['ledger', 'adjustments'],
  cases: {
    'do in random histories of packets, settlements and adjustments what the model does': async ({
      openPair,
      histories,
    }) => {
      const pair = await openPair()
      let count = 0
      await fc.assert(
        fc.asyncProperty(steps, async taken => {
          count += 1
          const history = new MixedHistory(pair, accountsOf(count), `history ${count}`)
          await history.open()
          await history.open()
          try {
            for (const [at, step] of taken.entries()) {
              await history.take(step, at)
              await history.check()
            }
          } finally {
            await history.end()
          }
        }),
        { numRuns: histories },
      )
    },
  },
}
