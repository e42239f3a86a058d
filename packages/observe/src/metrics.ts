import { type Metric, Registry } from 'prom-client'

/** Names a time series within its family. Values come from a bounded set: accounts of this node, codes, calls. */
export type Labels = Readonly<Record<string, string>>

/** One line of the exposition. */
export interface Sample {
  readonly labels?: Labels
  readonly value: number
  /** What the family's name gets behind it: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** Called at each scrape. */
  readonly read: () => Iterable<Sample> | Promise<Iterable<Sample>>
}

/** What this node tells Prometheus. */
export interface Metrics {
  /** For metrics of your own: whatever is registered here is exposed as well. */
  readonly registry: Registry
  /**
   * Adds a family of time series that are read from where they are kept. A `read` that throws costs its own family only,
   * and is counted in `ilp_scrape_failures_total`.
   * @throws Error when there is one of this name
   */
  readonly add: (family: Family) => void
  /** All of it, in the text format that Prometheus scrapes. */
  readonly text: () => Promise<string>
  /** The media type of `text`. */
  readonly contentType: string
}

/** Metrics of one node, with nothing in them yet. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  let failures = 0
  const add = (family: Family) => {
    if (registry.getSingleMetric(family.name)) throw new Error(`${family.name} is there already`)
    registry.registerMetric(new ReadMetric(family, () => failures++) as unknown as Metric)
  }
  add({
    name: 'ilp_scrape_failures_total',
    help: 'Families that could not be read, over all scrapes.',
    type: 'counter',
    read: () => [{ value: failures }],
  })
  return { registry, add, text: () => registry.metrics(), contentType: registry.contentType }
}

/**
 * What a registry needs of a metric. Its own kinds keep a map from labels to values, which costs a microsecond for each
 * packet; this one reads plain numbers when it is asked.
 */
class ReadMetric {
  readonly name: string
  readonly help: string
  readonly type: Family['type']
  readonly #read: Family['read']
  readonly #failed: () => void

  constructor({ name, help, type, read }: Family, failed: () => void) {
    this.name = name
    this.help = help
    this.type = type
    this.#read = read
    this.#failed = failed
  }

  async get() {
    const { name, help, type } = this
    return { name, help, type, aggregator: 'sum', values: await this.#values() }
  }

  /** What is counted goes on where it is. */
  reset(): void {}

  async #values() {
    try {
      return Array.from(await this.#read(), ({ labels = {}, value, suffix = '' }) => ({
        labels,
        value,
        metricName: `${this.name}${suffix}`,
      }))
    } catch {
      this.#failed()
      return []
    }
  }
}
