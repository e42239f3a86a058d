import type { AccountStore, Balance, LedgerStore, StoredAccount } from '@ilp/store-traits'
import type { Family, Labels, Metrics, Sample } from './metrics.js'

/** What is shown of an account. */
export interface BalanceShownAccount extends StoredAccount {
  readonly relation?: string
  readonly minBalance?: bigint | undefined
  readonly maxBalance?: bigint | undefined
}

export interface BalancesDeps<A extends BalanceShownAccount> {
  readonly accounts: Pick<AccountStore<A>, 'all'>
  readonly ledger: Pick<LedgerStore, 'readBalance' | 'readPositions'>
}

export interface BalancesOptions {
  /** Accounts whose balances are read at a scrape. */
  readonly accountsMax: number
  /** Calls to the store at a time. */
  readonly readsMax: number
  /** How long a scrape waits for the store. */
  readonly timeoutMs: number
}

export const BALANCES_DEFAULTS: BalancesOptions = { accountsMax: 500, readsMax: 8, timeoutMs: 2_000 }

/** Of all accounts of the node. */
interface Reading<A> {
  readonly balances: ReadonlyMap<A, Balance>
  readonly positions: Awaited<ReturnType<LedgerStore['readPositions']>>
  readonly unread: number
}

/**
 * Adds the accounts with their balances, holds and limits, read from the store at each scrape: so many accounts, and for
 * so long. Those that were not read are counted. Exact in the store; shown as the nearest double.
 * @throws RangeError when an option is no whole number above 0
 */
export function exposeBalances<A extends BalanceShownAccount>(
  { add }: Pick<Metrics, 'add'>,
  deps: BalancesDeps<A>,
  options: Partial<BalancesOptions> = {},
): void {
  const all = { ...BALANCES_DEFAULTS, ...options }
  for (const [name, value] of Object.entries(all)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  const reader = new Reader(deps, all)
  const gauge = (name: string, help: string, samples: (reading: Reading<A>) => Sample[]): Family => ({
    name,
    help,
    type: 'gauge',
    read: async () => samples(await reader.read()),
  })
  const balances = (
    name: string,
    help: string,
    figure: (account: A, balance: Balance) => bigint | undefined,
  ) =>
    gauge(name, help, reading =>
      Array.from(reading.balances, ([account, balance]) => ({ account, units: figure(account, balance) }))
        .filter(({ units }) => units !== undefined)
        .map(({ account: { id }, units }) => ({ labels: { account: id }, value: Number(units) })),
    )
  const positions = (name: string, help: string, figure: 'balance' | 'settled' | 'adjusted') =>
    gauge(name, help, reading =>
      reading.positions.map(position => ({
        labels: assetLabels(position),
        value: Number(position[figure]),
      })),
    )

  add(
    balances(
      'ilp_balance_units',
      'What the node owes the account; negative when it owes the node.',
      (_, b) => b.balance,
    ),
  )
  add(balances('ilp_balance_held_out_units', 'What packets from the account hold.', (_, b) => b.heldOut))
  add(balances('ilp_balance_held_in_units', 'What packets to the account hold.', (_, b) => b.heldIn))
  add(
    balances(
      'ilp_balance_min_units',
      'The balance that reserves do not go below; absent for none.',
      a => a.minBalance,
    ),
  )
  add(
    balances(
      'ilp_balance_max_units',
      'The balance that reserves do not go above; absent for none.',
      a => a.maxBalance,
    ),
  )
  add(positions('ilp_position_units', 'Counterpart of packets, by asset: spread and rounding.', 'balance'))
  add(positions('ilp_position_settled_units', 'Counterpart of settlements, by asset.', 'settled'))
  add(positions('ilp_position_adjusted_units', 'Counterpart of adjustments, by asset.', 'adjusted'))
  add(
    gauge(
      'ilp_balances_unread',
      'Accounts whose balances were not read: too many, too slow, or an error.',
      ({ unread }) => [{ value: unread }],
    ),
  )
  add({
    name: 'ilp_account_info',
    help: 'Accounts by their id, with the asset that their units are of.',
    type: 'gauge',
    read: () =>
      deps.accounts
        .all()
        .slice(0, all.accountsMax)
        .map(account => ({ labels: accountLabels(account), value: 1 })),
  })
  add({
    name: 'ilp_accounts',
    help: 'Accounts of this node.',
    type: 'gauge',
    read: () => [{ value: deps.accounts.all().length }],
  })
}

const assetLabels = ({ asset: { code, scale } }: Pick<StoredAccount, 'asset'>): Labels => ({
  asset: code,
  scale: String(scale),
})

const accountLabels = (account: BalanceShownAccount): Labels => ({
  account: account.id,
  username: account.username,
  relation: account.relation ?? '',
  ...assetLabels(account),
})

/** Reads the store once for all families of a scrape, and for all scrapes at that time. */
class Reader<A extends BalanceShownAccount> {
  readonly #deps: BalancesDeps<A>
  readonly #options: BalancesOptions
  #reading: Promise<Reading<A>> | undefined
  /** Calls of earlier readings that the store has not answered: no more are made than `readsMax` allows. */
  #waiting = 0

  constructor(deps: BalancesDeps<A>, options: BalancesOptions) {
    this.#deps = deps
    this.#options = options
  }

  read(): Promise<Reading<A>> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readAll(): Promise<Reading<A>> {
    const { accountsMax, readsMax, timeoutMs } = this.#options
    const { accounts, ledger } = this.#deps
    const all = accounts.all()
    const balances = new Map<A, Balance>()
    let positions: Reading<A>['positions'] = []
    const queue = all.slice(0, accountsMax).values()
    let isOver = false
    const worker = async () => {
      for (const account of queue) {
        if (isOver) return
        const balance = await ledger.readBalance(account.id)
        if (!isOver) balances.set(account, balance)
      }
    }
    const begin = (work: () => Promise<void>) => {
      this.#waiting += 1
      // The store's decorator counts errors; here they only leave something unread.
      return work()
        .catch(() => {})
        .finally(() => {
          this.#waiting -= 1
        })
    }
    const workers = Array.from({ length: Math.max(0, readsMax - this.#waiting) }, (_, index) =>
      begin(
        index > 0
          ? worker
          : async () => {
              positions = await ledger.readPositions()
              await worker()
            },
      ),
    )
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise(resolve => {
      timer = setTimeout(resolve, timeoutMs)
    })
    await Promise.race([Promise.all(workers), timeout])
    clearTimeout(timer)
    isOver = true
    return { balances, positions, unread: all.length - balances.size }
  }
}
