import { Feed, type RateStore, type StoredRates } from '@ilp/store-traits'
import type { Handle } from './handle.js'

/** What a backend keeps of rates. */
export class Rates {
  current: StoredRates | undefined
  readonly feed = new Feed<StoredRates>()
}

export function memoryRates(handle: Handle, rates: Rates): RateStore {
  return {
    get: () => {
      handle.check()
      return rates.current
    },
    set: async given => {
      handle.check()
      if (rates.current && given.asOfMs <= rates.current.asOfMs) return
      rates.current = Object.freeze({ rates: Object.freeze({ ...given.rates }), asOfMs: given.asOfMs })
      rates.feed.announce(rates.current)
    },
    watch: handle.watch(rates.feed),
  }
}
