/** What the server holds in its hashes, as it was read. */
export type Fields = ReadonlyMap<string, string>

/**
 * A part of what a store holds in memory. It changes only through what the server tells, so that every store sees the
 * same changes in the same order.
 */
export interface Part {
  /** The hashes in which the server keeps it. */
  readonly hashes: readonly string[]
  /** Takes in what those hashes hold, in place of what it held. Returns what announces the differences. */
  readonly load: (hashes: readonly Fields[]) => () => void
  /** Takes in one change and announces it. */
  readonly apply: (change: readonly unknown[]) => void
}
