import { Feed } from '../feed.js'
import type { RateStore, StoredRates } from '../rates.js'
import type { Subscriptions } from '../subscriptions.js'
import type { MirrorBackend, Tables } from './backend.js'
import type { Copy } from './copy.js'
import type { Part } from './part.js'
import { decodePlainData, encodePlainData } from './plain-data.js'

/** The latest prices, as they are held in memory. */
export class Rates implements Part {
  readonly feed = new Feed<StoredRates>()
  current: StoredRates | undefined
  /** As the backend has them. */
  #text: string | undefined

  load({ node }: Tables): () => void {
    const text = node.get('rates')
    const isNew = text !== this.#text
    this.#take(text)
    const { current } = this
    return () => {
      if (isNew && current) this.feed.announce(current)
    }
  }

  apply([text]: readonly unknown[]): void {
    this.#take(text as string)
    if (this.current) this.feed.announce(this.current)
  }

  #take(text: string | undefined): void {
    if (text === this.#text) return
    this.#text = text
    this.current = text === undefined ? undefined : (decodePlainData(text) as StoredRates)
  }
}

export function mirroredRates(
  rates: Rates,
  copy: Copy,
  backend: MirrorBackend,
  subscriptions: Subscriptions,
): RateStore {
  return {
    get: () => {
      copy.check()
      return rates.current
    },
    set: async ({ rates: prices, asOfMs }) => {
      if (!Number.isFinite(asOfMs)) throw new TypeError('asOfMs is a number')
      const text = encodePlainData({ rates: prices, asOfMs })
      await copy.change(['rates', text], change => backend.setRates(asOfMs, text, change))
    },
    watch: subscriptions.watch(rates.feed),
  }
}
