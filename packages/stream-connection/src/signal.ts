import type { Logger } from '@ilp/service-core'

/** Whom to tell. What a listener throws is logged and changes nothing. */
export class Signal<Args extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: Args) => void>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0
  }

  /** Returns how to stop listening. */
  add(listener: (...args: Args) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  emit(...args: Args): void {
    for (const listener of this.#listeners) {
      try {
        listener(...args)
      } catch (err) {
        this.#logger.error({ err }, 'a listener failed')
      }
    }
  }
}

/** Things that arrive, for listeners or for `for await`. Without anybody to take them, the newest are kept. */
export class Arrivals<Item> implements AsyncIterable<Item> {
  readonly #signal: Signal<[Item]>
  readonly #kept: Item[] = []
  readonly #keptMax: number
  readonly #waiting: (() => void)[] = []
  #ended = false

  constructor(logger: Logger, keptMax: number) {
    this.#signal = new Signal(logger)
    this.#keptMax = keptMax
  }

  push(item: Item): void {
    if (this.#signal.isHeard) return this.#signal.emit(item)
    this.#kept.push(item)
    if (this.#kept.length > this.#keptMax) this.#kept.shift()
    this.#waiting.shift()?.()
  }

  /** Told of what was kept at once, and of the rest when it comes. Returns how to stop listening. */
  add(listener: (item: Item) => void): () => void {
    const remove = this.#signal.add(listener)
    for (const item of this.#kept.splice(0)) this.#signal.emit(item)
    return remove
  }

  /** Nothing more arrives. */
  end(): void {
    this.#ended = true
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    while (true) {
      const [item] = this.#kept.splice(0, 1)
      if (item !== undefined) yield item
      else if (this.#ended) return
      else await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }
}
