import type { AccountId } from '@ilp/service-core'
import { ADJUSTMENTS_READ_MAX, type Adjustment, type PostedAdjustment } from '../adjustments.js'
import type { AccountsBook, BookDeps } from './accounts-book.js'
import { checkAdjustment } from './checks.js'
import { AdjustmentRecord, type SavedAdjustment } from './records.js'

/** What was posted by hand: `AdjustmentStore`, each of its methods a step. */
export class AdjustmentsBook {
  readonly #accounts: AccountsBook
  readonly #mark: BookDeps['mark']
  readonly #nowMs: () => number
  readonly #byKey = new Map<string, AdjustmentRecord>()
  /** The oldest first. */
  readonly #byAccount = new Map<AccountId, AdjustmentRecord[]>()

  constructor(accounts: AccountsBook, { mark, nowMs }: BookDeps) {
    this.#accounts = accounts
    this.#mark = mark
    this.#nowMs = nowMs
  }

  /** In the order of their numbers. */
  loadAdjustment({ number, key, account, amount, reason, postedAtMs }: SavedAdjustment): void {
    this.#add(new AdjustmentRecord(number, Object.freeze({ key, account, amount, reason, postedAtMs })))
  }

  adjust(adjustment: Adjustment): 'posted' | 'key-reused' {
    checkAdjustment(adjustment)
    const { key, account, amount, reason } = adjustment
    const known = this.#byKey.get(key)
    if (known) return isSame(known, adjustment) ? 'posted' : 'key-reused'
    this.#accounts.post(this.#accounts.of(account), amount, 'adjusted')
    const posted = Object.freeze({ key, account: account.id, amount, reason, postedAtMs: this.#nowMs() })
    const record = new AdjustmentRecord(this.#byKey.size + 1, posted)
    this.#add(record)
    this.#mark?.(record)
    return 'posted'
  }

  read(account: AccountId): readonly PostedAdjustment[] {
    const latest = (this.#byAccount.get(account) ?? []).slice(-ADJUSTMENTS_READ_MAX)
    return latest.reverse().map(({ posted }) => posted)
  }

  #add(record: AdjustmentRecord): void {
    this.#byKey.set(record.key, record)
    const own = this.#byAccount.get(record.account)
    if (own) own.push(record)
    else this.#byAccount.set(record.account, [record])
  }
}

const isSame = ({ posted }: AdjustmentRecord, { account, amount, reason }: Adjustment): boolean =>
  posted.account === account.id && posted.amount === amount && posted.reason === reason
