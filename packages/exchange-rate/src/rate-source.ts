import type { Ratio } from './ratio.js'

/**
 * Where the node's exchange rates come from. Read for every packet, and so synchronous: who implements it keeps the
 * prices fresh by itself.
 */
export interface RateSource {
  /**
   * What one whole unit of the asset is worth, in a currency that all prices of the source share. Undefined when it
   * isn't known, or is too old to trade at. The same object until the price changes: what is computed from it is kept
   * as long.
   */
  readonly price: (code: string) => Ratio | undefined
  /** What the spread leaves of an amount: above 0, and 1 when the node takes none. The same object until it changes. */
  readonly afterSpread: Ratio
}
