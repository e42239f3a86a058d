import { wrongUsage } from './failure.js'

const DURATION = /^([0-9]{1,9})(ms|s|m|h)$/
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * The milliseconds of what somebody has typed: `500ms`, `30s`, `5m`, `1h`.
 * @param longest written in the same way
 */
export function millisecondsOf(text: string, what: string, longest?: string): number {
  const [, count, unit] = DURATION.exec(text) ?? []
  if (count === undefined) throw wrongUsage(`${what} is ${JSON.stringify(text)}: expected a time such as 30s`)
  const ms = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  if (longest !== undefined && ms > millisecondsOf(longest, what)) {
    throw wrongUsage(`${what} is ${text}: expected ${longest} at most`)
  }
  return ms
}

/** A time that has passed, for people: `3.1 s`. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

/** A moment, to the second, in UTC. */
export const moment = (atMs: number): string =>
  new Date(atMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.[0-9]+Z$/, 'Z')
