import { setTimeout as sleep } from 'node:timers/promises'
import { type RateSource, staticRates } from '@ilp/exchange-rate'
import { type Lifecycle, type Logger, lifecycle } from '@ilp/service-core'
import { type RateStore, type StoredRates, StoreError } from '@ilp/store-traits'
import {
  CODE_LENGTH_MAX,
  decodeRecord,
  EMPTY,
  encodeRecord,
  hasAll,
  merged,
  type RateRecord,
} from './rate-record.js'

export interface RateBookDeps {
  readonly store: RateStore
  readonly logger: Logger
}

/** The prices in the store: a provider's, and those that an operator has set in their place. */
export interface RateBook extends Lifecycle {
  /** The provider's, as a store of theirs alone. */
  readonly provided: Pick<RateStore, 'get' | 'set'>
  /** Those that an operator has set, by asset code. */
  readonly overrides: () => Readonly<Record<string, string>>
  /**
   * Sets the price of an asset for all processes on the store, or with no price gives it back to the provider. Resolves
   * once the store has it.
   */
  readonly override: (code: string, price: string | undefined) => Promise<'done' | 'full'>
  /** The source, with the prices that an operator has set in place of its own. */
  readonly over: (source: RateSource) => RateSource
}

/** Asset codes that have a price set, or had one. */
export const OVERRIDES_MAX = 300
/** Attempts to get into the store what others have overwritten, for a second or so. */
const ATTEMPTS_MAX = 11

/**
 * A store's rates are one record, which the newest takes whole. Two processes that write at a time would lose what the
 * one has said: so each keeps what it knows, and writes it again where a record lacks it, until all have the same.
 */
export function createRateBook(deps: RateBookDeps): RateBook {
  const book = new StoredBook(deps)
  return {
    ...lifecycle(book),
    provided: { get: () => book.known.provider, set: book.provide },
    overrides: () => book.prices,
    override: book.override,
    over: source => ({
      price: code => book.set?.price(code) ?? source.price(code),
      afterSpread: source.afterSpread,
    }),
  }
}

class StoredBook {
  known: RateRecord = EMPTY
  /** What of it an operator has set, and the same as a source. */
  prices: Readonly<Record<string, string>> = {}
  set: RateSource | undefined
  readonly #store: RateStore
  readonly #logger: Logger
  #unwatch = () => {}
  #publishing = Promise.resolve()

  constructor({ store, logger }: RateBookDeps) {
    this.#store = store
    this.#logger = logger
  }

  readonly start = async (): Promise<void> => {
    this.#unwatch = this.#store.watch(this.#take)
    const record = this.#store.get()
    if (record) this.#take(record)
  }

  readonly stop = async (): Promise<void> => {
    this.#unwatch()
    await this.#publishing.catch(() => {})
  }

  readonly provide = async ({ rates, asOfMs }: StoredRates): Promise<void> => {
    // An account's asset code is not longer, so that nobody asks for these.
    const short = Object.entries(rates).filter(([code]) => code.length <= CODE_LENGTH_MAX)
    const provider = { rates: Object.fromEntries(short), asOfMs }
    await this.#publish(() => ({ ...EMPTY, provider }))
  }

  readonly override = async (code: string, price: string | undefined): Promise<'done' | 'full'> => {
    const { overrides } = this.known
    if (!overrides.has(code) && overrides.size >= OVERRIDES_MAX) return 'full'
    await this.#publish(() => {
      const versions = Array.from(this.known.overrides.values(), ({ version }) => version)
      const version = Math.max(0, ...versions) + 1
      return { ...EMPTY, overrides: new Map([[code, { version, price }]]) }
    })
    return 'done'
  }

  readonly #take = (record: StoredRates): void => {
    const seen = decodeRecord(record)
    this.#learn(seen)
    if (hasAll(seen, this.known)) return
    this.#publish(() => EMPTY).catch(err =>
      this.#logger.warn({ err }, 'exchange rates that were overwritten wait for the store'),
    )
  }

  #learn(record: RateRecord): void {
    this.known = merged(this.known, record)
    const prices = Object.fromEntries(
      [...this.known.overrides].flatMap(([code, { price }]) => (price === undefined ? [] : [[code, price]])),
    )
    if (JSON.stringify(prices) === JSON.stringify(this.prices)) return
    this.prices = prices
    this.set = Object.keys(prices).length > 0 ? staticRates({ rates: prices }) : undefined
  }

  /** One after another. */
  #publish(addition: () => RateRecord): Promise<void> {
    this.#publishing = this.#publishing.catch(() => {}).then(() => this.#write(addition()))
    return this.#publishing
  }

  /** Gets what is known into the store, and this with it: nothing counts before it is there. */
  async #write(addition: RateRecord): Promise<void> {
    for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts++) {
      // What another process has written in this moment is on its way here.
      if (attempts > 0) await sleep(2 ** attempts * Math.random())
      const last = this.#store.get()
      const record = last ? decodeRecord(last) : EMPTY
      this.#learn(record)
      const wanted = merged(this.known, addition)
      if (hasAll(record, wanted)) return
      // Taken unless another process has written since; where it is taken all the same, that one writes its own again.
      const asOfMs = Math.max(wanted.provider?.asOfMs ?? 0, (last?.asOfMs ?? 0) + 1)
      await this.#store.set(encodeRecord(wanted, asOfMs))
    }
    throw new StoreError('ERR_STORE_UNAVAILABLE', 'other processes keep overwriting the exchange rates')
  }
}
