import type { Watch } from './watch.js'

/** Prices of asset codes, as a provider gave them. */
export interface StoredRates {
  /**
   * What one unit of each asset is worth in a unit common to all of them, by asset code: exact decimals, or quotients
   * of two like `1/1.08`.
   */
  readonly rates: Readonly<Record<string, string>>
  /** When they were in force, in milliseconds since 1970. */
  readonly asOfMs: number
}

/** The latest prices that a process of this node has learned, so that all of them convert alike. */
export interface RateStore {
  /** Undefined until there are any. */
  readonly get: () => StoredRates | undefined
  /** Replaces them, unless there are some that are as new or newer. */
  readonly set: (rates: StoredRates) => Promise<void>
  readonly watch: Watch<StoredRates>
}
