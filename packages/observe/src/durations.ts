import type { Labels, Sample } from './metrics.js'

/** Upper bounds of what is counted together, in milliseconds. */
const BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const
const BUCKETS = BOUNDS_MS.length

/** A histogram of durations. */
export class Durations {
  readonly #counts = new Float64Array(BUCKETS + 1)
  #sumMs = 0

  /** Anything from 0 up; allocates nothing. */
  add(ms: number): void {
    let bucket = 0
    while (bucket < BUCKETS && ms > (BOUNDS_MS[bucket] as number)) bucket += 1
    ;(this.#counts[bucket] as number) += 1
    this.#sumMs += ms
  }

  /** In seconds, each bucket with all those below it. */
  *samples(labels: Labels): Generator<Sample> {
    let count = 0
    for (let bucket = 0; bucket <= BUCKETS; bucket++) {
      count += this.#counts[bucket] as number
      const boundMs = BOUNDS_MS[bucket]
      const le = boundMs === undefined ? '+Inf' : String(boundMs / 1_000)
      yield { labels: { ...labels, le }, value: count, suffix: '_bucket' }
    }
    yield { labels, value: this.#sumMs / 1_000, suffix: '_sum' }
    yield { labels, value: count, suffix: '_count' }
  }
}
