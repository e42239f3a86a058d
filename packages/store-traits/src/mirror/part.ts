import type { Tables } from './backend.js'

/**
 * A part of what a store holds in memory. It changes only through what the backend tells, so that every store sees the
 * same changes in the same order.
 */
export interface Part {
  /** Takes in what there is, in place of what it held. Returns what announces the differences. */
  readonly load: (tables: Tables) => () => void
  /** Takes in one change and announces it. */
  readonly apply: (change: readonly unknown[]) => void
}
