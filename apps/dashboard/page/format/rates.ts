/** Rates and times of packets, out of sums that were read one after another. */
import type { Traffic } from '../api/types.js'

/** Sums, and when they were read. */
export interface Reading {
  readonly atMs: number
  readonly traffic: Traffic
}

export interface Rates {
  readonly atMs: number
  /** Packets a second. */
  readonly fulfilled: number
  readonly rejected: number
  /** The time that half of the fulfilled packets took at the most, and 19 of 20; undefined without any. */
  readonly medianMs: number | undefined
  readonly p95Ms: number | undefined
}

/** How far back readings are kept and shown. */
export const SPAN_MS = 120_000

/** Times are of so many readings together: a single second has few packets. */
const TIMES_OVER = 5

/** Those that are still to be shown at this time. */
export const recent = (readings: readonly Reading[], nowMs: number): readonly Reading[] =>
  readings.filter(({ atMs }) => atMs < nowMs && atMs >= nowMs - SPAN_MS)

/** Adds a reading. Sums that are smaller than before are of a new process: those before say nothing any more. */
export function withReading(readings: readonly Reading[], next: Reading): readonly Reading[] {
  const last = readings.at(-1)?.traffic
  const isNew = last && next.traffic.fulfilled + next.traffic.rejected < last.fulfilled + last.rejected
  return isNew ? [next] : [...recent(readings, next.atMs), next]
}

export function ratesOf(readings: readonly Reading[]): readonly Rates[] {
  return readings.slice(1).map((reading, index) => {
    const before = readings[index] as Reading
    const earlier = readings[Math.max(0, index + 1 - TIMES_OVER)] as Reading
    const seconds = Math.max(0.001, (reading.atMs - before.atMs) / 1_000)
    return {
      atMs: reading.atMs,
      fulfilled: (reading.traffic.fulfilled - before.traffic.fulfilled) / seconds,
      rejected: (reading.traffic.rejected - before.traffic.rejected) / seconds,
      medianMs: quantileMs(earlier.traffic, reading.traffic, 0.5),
      p95Ms: quantileMs(earlier.traffic, reading.traffic, 0.95),
    }
  })
}

/** What has come between the first reading and the last. */
export function between(readings: readonly Reading[]): Pick<Traffic, 'fulfilled' | 'rejected' | 'rejects'> {
  const [first, last] = [readings[0]?.traffic, readings.at(-1)?.traffic]
  if (!first || !last) return { fulfilled: 0, rejected: 0, rejects: {} }
  const rejects = Object.entries(last.rejects)
    .map(([code, count]) => [code, count - (first.rejects[code] ?? 0)] as const)
    .filter(([, count]) => count > 0)
  return {
    fulfilled: last.fulfilled - first.fulfilled,
    rejected: last.rejected - first.rejected,
    rejects: Object.fromEntries(rejects),
  }
}

/** The time within which this part of the packets was fulfilled: between two bounds, as if they were spread evenly. */
export function quantileMs(earlier: Traffic, later: Traffic, part: number): number | undefined {
  const counts = later.fulfilledWithin.map(({ ms, count }, index) => ({
    ms,
    count: count - (earlier.fulfilledWithin[index]?.count ?? 0),
  }))
  const total = counts.at(-1)?.count ?? 0
  if (total <= 0) return undefined
  const wanted = total * part
  let lower = { ms: 0, count: 0 }
  for (const { ms, count } of counts) {
    if (ms === null) break
    if (count >= wanted) {
      return lower.ms + ((ms - lower.ms) * (wanted - lower.count)) / (count - lower.count)
    }
    lower = { ms, count }
  }
  return lower.ms
}
