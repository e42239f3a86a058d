import { Feed, type RateStore, type StoredRates } from '@ilp/store-traits'
import type { Disk } from './disk.js'
import type { Handle } from './handle.js'
import { KIND, keyOf } from './keys.js'

/** The rates in memory. On the disk they are JSON. */
export class Rates {
  current: StoredRates | undefined
  readonly feed = new Feed<StoredRates>()

  load(disk: Disk): void {
    for (const [, value] of disk.read(KIND.rates)) this.current = decode(value)
  }
}

const encode = (rates: StoredRates | undefined): Buffer | undefined =>
  rates && Buffer.from(JSON.stringify(rates))

function decode(value: Buffer): StoredRates {
  const { rates, asOfMs } = JSON.parse(value.toString()) as StoredRates
  return Object.freeze({ rates: Object.freeze(rates), asOfMs })
}

export function lmdbRates(handle: Handle, rates: Rates): RateStore {
  return {
    get: () => {
      handle.check()
      return rates.current
    },
    set: ({ rates: given, asOfMs }) => {
      // As it is now, not when its turn comes.
      const value = Buffer.from(JSON.stringify({ rates: given, asOfMs }))
      return handle.change(async flusher => {
        if (rates.current && asOfMs <= rates.current.asOfMs) return
        await flusher.write([{ key: keyOf(KIND.rates), value, former: encode(rates.current) }])
        rates.current = decode(value)
        rates.feed.announce(rates.current)
      })
    },
    watch: handle.watch(rates.feed),
  }
}
