import type { Bar, Figures } from './measurement.js'

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export interface Ratio {
  /** Of the medians. */
  readonly median: number
  /** Of the round that was worst, and best, for us: of what was measured side by side. */
  readonly min: number
  readonly max: number
}

/** Ours over theirs. Both have the figures of the same rounds. */
export function ratio(ours: readonly number[], peer: readonly number[]): Ratio {
  const rounds = ours.map((value, round) => value / (peer[round] ?? Number.NaN))
  return { median: median(ours) / median(peer), min: Math.min(...rounds), max: Math.max(...rounds) }
}

export function isMet(bar: Bar, { ours, peer }: Pick<Figures, 'ours' | 'peer'>): boolean {
  if ('aimOurs' in bar) return true
  if ('atMostAbove' in bar) return median(ours) - median(peer) <= bar.atMostAbove
  const { median: value } = ratio(ours, peer)
  return 'atLeast' in bar ? value >= bar.atLeast : value <= bar.atMost
}

/** Whether what is hoped for came true, where something is. */
export function isAimReached(bar: Bar, { ours, peer }: Pick<Figures, 'ours' | 'peer'>): boolean {
  if ('aimOurs' in bar) return median(ours) >= bar.aimOurs
  return !('aim' in bar) || ratio(ours, peer).median >= bar.aim
}
