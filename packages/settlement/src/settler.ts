import { setMaxListeners } from 'node:events'
import { type AccountId, type Disposable, type Logger, lifecycle } from '@ilp/service-core'
import type { AccountChange, Store, Watch } from '@ilp/store-traits'
import { faultOf, type SettlementAccount, type SettlementSettings } from './account.js'
import { checkVolatility, volatility } from './durability.js'
import { Engine, type EngineStats } from './engine.js'
import type { EngineClient } from './engine-client.js'
import { checkOptions } from './options.js'
import { SettledAccount } from './settled-account.js'

export interface SettlerDeps<A extends SettlementAccount> {
  readonly accounts: { readonly all: () => readonly A[]; readonly watch: Watch<AccountChange<A>> }
  readonly store: Pick<Store, 'settlements' | 'properties'>
  readonly engines: Pick<EngineClient, 'createAccount' | 'deleteAccount' | 'settle'>
  readonly logger: Logger
}

export interface SettlerOptions {
  /** How often one account's balance is looked at, at the most. */
  readonly checkIntervalMs: number
  /** How often everything is looked at again, for what no signal was given: other processes' commits, late bookings. */
  readonly lookIntervalMs: number
  /** The first and the longest pause before a request is made again, up to an hour (RFC 38); they grow in between. */
  readonly retryMinMs: number
  readonly retryMaxMs: number
  /** Requests to one engine at a time. */
  readonly requestsMax: number
  /** Balances asked of the store at a time. */
  readonly checksMax: number
  /** Settles on stores that can lose what they acknowledged. */
  readonly allowVolatileSettlement: boolean
}

export const SETTLER_DEFAULTS: SettlerOptions = Object.freeze({
  checkIntervalMs: 100,
  lookIntervalMs: 60_000,
  retryMinMs: 200,
  retryMaxMs: 3_600_000,
  requestsMax: 16,
  checksMax: 16,
  allowVolatileSettlement: false,
})

/** The longest pause that RFC 38 allows. */
const RETRY_MS_LIMIT = 3_600_000
/** How long what was read of the outbox counts as being of this moment. */
const OUTBOX_FRESH_MS = 1_000
/** The pause before balances are looked at again that the store didn't tell. */
const STORE_RETRY_MS = 1_000

export interface SettlerStats {
  /** Settlements that no engine has acknowledged, as far as this process knows. */
  readonly outbox: number
  /** Those of them whose account is gone, or has no engine: somebody has to see to them. */
  readonly orphans: number
  readonly engines: readonly EngineStats[]
}

/** Settles what the node owes, through the accounts' settlement engines. */
export interface Settler extends Disposable {
  /** To be told of accounts that may be owed more than before: `onBooked` of `balance`. Costs next to nothing. */
  readonly booked: (account: { readonly id: AccountId }) => void
  /** Makes every request now that waits for its next time. */
  readonly retryNow: () => void
  readonly stats: () => SettlerStats
}

/**
 * Looks at balances when it is told to, when it starts, when settings change and on a clock; has the store move what is
 * to be settled into its outbox; and sends what is in the outbox to the engines, each under its one key, until they
 * have it, over restarts. It tells engines of accounts, and of those that were removed.
 *
 * `start` doesn't wait for engines. `stop` gives up requests under way: they are made again by the next start.
 * @throws RangeError when an option is out of its range
 */
export function createSettler<A extends SettlementAccount>(
  deps: SettlerDeps<A>,
  options: Partial<SettlerOptions> = {},
): Settler {
  const all = checkOptions({ ...SETTLER_DEFAULTS, ...options })
  if (all.retryMaxMs > RETRY_MS_LIMIT) throw new RangeError(`retryMaxMs is above ${RETRY_MS_LIMIT}`)
  const settler = new AccountsSettler(deps, all)
  return {
    ...lifecycle(settler),
    booked: settler.booked,
    retryNow: settler.retryNow,
    stats: settler.stats,
  }
}

class AccountsSettler<A extends SettlementAccount> {
  readonly #deps: SettlerDeps<A>
  readonly #options: SettlerOptions
  readonly #accounts = new Map<AccountId, SettledAccount>()
  readonly #engines = new Map<string, Engine>()
  readonly #stopping = new AbortController()
  /** Accounts whose balance is to be looked at, each of them once. */
  #marked: SettledAccount[] = []
  #checkTimer: NodeJS.Timeout | undefined
  #lookTimer: NodeJS.Timeout | undefined
  #unwatch = () => {}
  #checking: Promise<void> = Promise.resolve()
  #reading: Promise<void> | undefined
  #readAtMs = Number.NEGATIVE_INFINITY
  /** The keys of what the outbox has of accounts that aren't settled. */
  #orphans: ReadonlySet<string> = new Set()
  #isStoreDown = false
  #loses: string | undefined

  constructor(deps: SettlerDeps<A>, options: SettlerOptions) {
    this.#deps = deps
    this.#options = options
    // Each request under way listens.
    setMaxListeners(0, this.#stopping.signal)
  }

  readonly start = async (): Promise<void> => {
    const { accounts, store } = this.#deps
    this.#loses = volatility(store, this.#options)
    checkVolatility(this.#loses, accounts.all())
    this.#unwatch = accounts.watch(({ id, account }) => this.#changed(id, account))
    for (const account of accounts.all()) this.#changed(account.id, account)
    this.#look()
    this.#lookTimer = setInterval(this.#look, this.#options.lookIntervalMs)
  }

  readonly stop = async (): Promise<void> => {
    this.#unwatch()
    this.#stopping.abort()
    clearTimeout(this.#checkTimer)
    clearInterval(this.#lookTimer)
    const ends = [...this.#accounts.values()].map(account => account.stop())
    await Promise.all([this.#checking, this.#reading?.catch(() => {}), ...ends])
  }

  readonly booked = ({ id }: { readonly id: AccountId }): void => {
    const account = this.#accounts.get(id)
    if (account?.hasThreshold) this.#mark(account)
  }

  readonly retryNow = (): void => {
    for (const account of this.#accounts.values()) account.retryNow()
  }

  readonly stats = (): SettlerStats => {
    const accounts = [...this.#accounts.values()]
    const waiting = accounts.filter(({ entry }) => entry)
    const engines = [...this.#engines].map(([url, { isUp, lastError }]) => {
      const count = (of: readonly SettledAccount[]) => of.filter(({ engineUrl }) => engineUrl === url).length
      return { url, isUp, accounts: count(accounts), waiting: count(waiting), lastError }
    })
    return {
      outbox: waiting.length + this.#orphans.size,
      orphans: this.#orphans.size,
      engines: engines.filter(({ accounts }) => accounts > 0),
    }
  }

  #changed(id: AccountId, account: A | undefined): void {
    const known = this.#accounts.get(id)
    if (!account) return known?.remove()
    if (!account.settlement) return known?.leave()
    const { logger } = this.#deps
    if (this.#loses !== undefined) {
      logger.error(
        { account: id, loses: this.#loses },
        'an account is not settled on a store that can lose it',
      )
      return
    }
    const fault = faultOf(account)
    if (fault !== undefined) logger.error({ account: id, fault }, 'an account is not settled')
    const followed = known ?? this.#add(account, account.settlement)
    followed.follow(account, account.settlement, fault === undefined)
    this.#mark(followed)
  }

  #add(account: A, settings: SettlementSettings): SettledAccount {
    const added: SettledAccount = new SettledAccount(account, settings, {
      ...this.#deps,
      engine: url => this.#engine(url),
      refresh: () => this.#refresh(),
      mark: () => this.#mark(added),
      forget: () => this.#accounts.delete(account.id),
      options: this.#options,
      signal: this.#stopping.signal,
    })
    this.#accounts.set(account.id, added)
    return added
  }

  #engine(url: string): Engine {
    const known = this.#engines.get(url)
    if (known) return known
    const engine = new Engine(url, this.#options.requestsMax, this.#deps.logger, () => {
      for (const account of this.#accounts.values()) if (account.engineUrl === url) account.retryNow()
    })
    this.#engines.set(url, engine)
    return engine
  }

  #mark(account: SettledAccount): void {
    if (account.isMarked || this.#stopping.signal.aborted) return
    account.isMarked = true
    this.#marked.push(account)
    this.#checkTimer ??= setTimeout(this.#check, this.#options.checkIntervalMs)
  }

  /** Looks at the balances of the accounts that are marked. The next time comes when all of them have been answered. */
  readonly #check = (): void => {
    const accounts = this.#marked
    this.#marked = []
    let hasFailed = false
    const work = async () => {
      for (let account = accounts.pop(); account; account = accounts.pop()) {
        try {
          await account.check()
        } catch (error) {
          hasFailed = true
          this.#storeFailed(error)
          this.#mark(account)
        }
      }
    }
    const { checksMax, checkIntervalMs } = this.#options
    const workers = Array.from({ length: Math.min(checksMax, accounts.length) }, work)
    this.#checking = Promise.all(workers).then(() => {
      if (!hasFailed) this.#isStoreDown = false
      this.#checkTimer = undefined
      if (this.#marked.length === 0 || this.#stopping.signal.aborted) return
      this.#checkTimer = setTimeout(this.#check, hasFailed ? STORE_RETRY_MS : checkIntervalMs)
    })
  }

  readonly #look = (): void => {
    for (const account of this.#accounts.values()) if (account.hasThreshold) this.#mark(account)
    // What can't be read now is read the next time.
    this.#read().catch(error => this.#storeFailed(error))
  }

  /** Said once for each time that the store is lost. */
  #storeFailed(err: unknown): void {
    if (!this.#isStoreDown) this.#deps.logger.warn({ err }, 'settlements wait for the store')
    this.#isStoreDown = true
  }

  #refresh(): Promise<void> {
    return Date.now() - this.#readAtMs < OUTBOX_FRESH_MS ? Promise.resolve() : this.#read()
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOutbox().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readOutbox(): Promise<void> {
    const { logger, store } = this.#deps
    const startedAtMs = Date.now()
    for (const account of this.#accounts.values()) account.readingOutbox()
    const read = await store.settlements.readOutbox()
    const entries = new Map(read.map(entry => [entry.account.id, entry]))
    for (const account of this.#accounts.values()) account.outboxRead(entries.get(account.id))
    const orphans = read.filter(({ account }) => !this.#accounts.has(account.id))
    for (const { key, account, amount } of orphans) {
      if (this.#orphans.has(key)) continue
      const fields = { account: account.id, amount: amount.toString(), key }
      logger.error(fields, 'a settlement waits for an account that has no engine')
    }
    this.#orphans = new Set(orphans.map(({ key }) => key))
    this.#readAtMs = startedAtMs
  }
}
