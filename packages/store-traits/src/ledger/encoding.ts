import type { AccountId, Asset } from '@ilp/service-core'
import { checkAccount, checkLimit } from '../books/checks.js'
import type { LedgerAccount, Operation, Outcome } from './ledger-store.js'

/** Operations in one batch of a store that sends them to a server: as many as Lua's numbers add up exactly. */
export const BATCH_OPERATIONS_MAX = 100_000

/** What operations refer to by number, from 1 as servers count. */
class Numbering<Key, Item> {
  readonly items: Item[] = []
  readonly #numbers = new Map<Key, number>()

  number(key: Key, item: () => Item): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    // What it refers to itself gets its numbers elsewhere.
    const number = this.items.push(item())
    this.#numbers.set(key, number)
    return number
  }
}

interface NumberedAccount {
  readonly id: AccountId
  /** The number of its asset. */
  readonly asset: number
}

/** An account with the limits that it came with. */
interface View extends Pick<LedgerAccount, 'minBalance' | 'maxBalance'> {
  /** Its number among the accounts. */
  readonly account: number
}

/**
 * What the operations of a batch have in common, numbered from 1, so that it is sent and looked up once: the assets, the
 * accounts, and the accounts with the limits that they came with, as operations name them.
 */
export class BatchTables {
  readonly #assets = new Numbering<string, Asset>()
  readonly #accounts = new Numbering<AccountId, NumberedAccount>()
  readonly #views = new Numbering<LedgerAccount, View>()
  readonly assets: readonly Asset[] = this.#assets.items
  readonly accounts: readonly NumberedAccount[] = this.#accounts.items
  readonly views: readonly View[] = this.#views.items

  /** @throws RangeError for more than BATCH_OPERATIONS_MAX */
  constructor(operations: readonly Operation[]) {
    if (operations.length > BATCH_OPERATIONS_MAX) {
      throw new RangeError(`a batch has up to ${BATCH_OPERATIONS_MAX} operations`)
    }
  }

  /**
   * The number of an account with its limits.
   * @throws TypeError | RangeError for what is none
   */
  view(account: LedgerAccount): number {
    return this.#views.number(account, () => {
      checkAccount(account)
      const { id, asset, minBalance, maxBalance } = account
      checkLimit(minBalance)
      checkLimit(maxBalance)
      const number = this.#accounts.number(id, () => ({
        id,
        asset: this.#assets.number(`${asset.scale} ${asset.code}`, () => asset),
      }))
      return { account: number, minBalance, maxBalance }
    })
  }
}

const KINDS = ['reserve', 'commit', 'release']

/**
 * The number of an operation's kind: 0 reserve, 1 commit, 2 release.
 * @throws TypeError for any other
 */
export function kindNumber({ kind }: Operation): number {
  const number = KINDS.indexOf(kind)
  if (number < 0) throw new TypeError(`${kind} is no kind of operation`)
  return number
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  d: 'done',
  m: 'below-minimum',
  x: 'above-maximum',
  s: 'session-ended',
  l: 'late',
  n: 'no-hold',
}

/** What a server answered that writes a letter for each operation: d, m, x, s, l, n. */
export function decodeOutcomes(letters: string): readonly Outcome[] {
  const outcomes: Outcome[] = []
  for (const letter of letters) outcomes.push(OUTCOMES[letter] as Outcome)
  return outcomes
}
