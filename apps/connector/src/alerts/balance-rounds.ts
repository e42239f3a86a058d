import type { AccountId } from '@ilp/service-core'
import type { Balance } from '@ilp/store-traits'
import type { ConnectorAccount } from '../account.js'
import type { AlertBook, Condition } from './alert-book.js'
import { hasLimit, nearLimits } from './near-limit.js'

export interface BalanceRoundsDeps {
  readonly accounts: {
    readonly all: () => readonly ConnectorAccount[]
    readonly get: (id: AccountId) => ConnectorAccount | undefined
  }
  readonly readBalance: (id: AccountId) => Promise<Balance>
  readonly book: AlertBook
  /** From where on a balance is near its limit, in millionths of the limit. */
  readonly parts: bigint
}

/** Balances that are read in one step, and at a time. */
const STEP = 50
const READS_MAX = 8
/** A new round begins this long behind the beginning of the last one, at the earliest. */
const ROUND_MS = 5_000

/** Looks at the balances of all accounts that have limits, some of them in each step, round after round. */
export class BalanceRounds {
  readonly #deps: BalanceRoundsDeps
  #left: AccountId[] = []
  #beganAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: BalanceRoundsDeps) {
    this.#deps = deps
  }

  async step(): Promise<void> {
    const { accounts, book } = this.#deps
    const nowMs = performance.now()
    if (this.#left.length === 0) {
      if (nowMs - this.#beganAtMs < ROUND_MS) return
      this.#beganAtMs = nowMs
      this.#left = accounts
        .all()
        .filter(hasLimit)
        .map(({ id }) => id)
      const shown = new Set<string>(this.#left)
      book.forget('balance-near-limit', subject => shown.has(subject.slice(0, subject.lastIndexOf(' '))))
    }
    const ids = this.#left.splice(0, STEP)
    const found = new Map<string, Condition>()
    const looked = new Set<string>()
    const queue = ids.values()
    const worker = async () => {
      // What can't be read now is read in the next round.
      for (const id of queue) await this.#look(id, found, looked).catch(() => {})
    }
    await Promise.all(Array.from({ length: READS_MAX }, worker))
    book.take({ kind: 'balance-near-limit', found, looked: subject => looked.has(subject), holdMs: 0 })
  }

  async #look(id: AccountId, found: Map<string, Condition>, looked: Set<string>): Promise<void> {
    const { accounts, readBalance, book, parts } = this.#deps
    const balance = await readBalance(id)
    const account = accounts.get(id)
    if (!account) return
    const subject = (limit: 'min' | 'max') => `${id} ${limit}`
    for (const limit of ['min', 'max'] as const) looked.add(subject(limit))
    const near = nearLimits(account, balance, parts, limit =>
      book.isRaised('balance-near-limit', subject(limit)),
    )
    for (const [limit, condition] of near) found.set(subject(limit), condition)
  }
}
