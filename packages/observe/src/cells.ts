import { type AccountId, isFulfill, type Reply } from '@ilp/service-core'
import { CODE_LABELS, codeIndex } from './codes.js'
import { Durations } from './durations.js'

/** Stands for the accounts that have no time series of their own. No account has this id. */
export const OTHERS = '(other)'

/** The packets of one direction. */
export class Direction {
  readonly fulfilled = new Durations()
  readonly rejected = new Durations()
  readonly #accountsMax: number
  readonly #accounts = new Map<AccountId, Cells>()
  #others: Cells | undefined

  constructor(accountsMax: number) {
    this.#accountsMax = accountsMax
  }

  /** Where the account's packets are counted. */
  of(account: AccountId): Cells {
    return this.#accounts.get(account) ?? this.#new(account)
  }

  *cells(): Generator<[account: string, cells: Cells]> {
    yield* this.#accounts
    if (this.#others) yield [OTHERS, this.#others]
  }

  #new(account: AccountId): Cells {
    if (this.#accounts.size >= this.#accountsMax) {
      this.#others ??= new Cells(this)
      return this.#others
    }
    const cells = new Cells(this)
    this.#accounts.set(account, cells)
    return cells
  }
}

/** The packets of one account in one direction: plain numbers, so that counting one costs next to nothing. */
export class Cells {
  inFlight = 0
  fulfilled = 0
  rejected = 0
  failed = 0
  /** Of Fulfills. Exact: a double would take in nothing less than 2 units from 2^53 on. */
  units = 0n
  ms = 0
  readonly codes = new Float64Array(CODE_LABELS.length)
  readonly #direction: Direction

  constructor(direction: Direction) {
    this.#direction = direction
  }

  began(): void {
    this.inFlight += 1
  }

  answered(reply: Reply, units: bigint, ms: number): void {
    this.inFlight -= 1
    this.ms += ms
    if (isFulfill(reply)) {
      this.fulfilled += 1
      this.units += units
      this.#direction.fulfilled.add(ms)
    } else {
      this.rejected += 1
      const index = codeIndex(reply.code)
      ;(this.codes[index] as number) += 1
      this.#direction.rejected.add(ms)
    }
  }

  threw(): void {
    this.inFlight -= 1
    this.failed += 1
  }
}
