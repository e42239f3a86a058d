import { setImmediate as turn } from 'node:timers/promises'
import type { StoredRates } from '@ilp/store-traits'
import { PlainRates } from '../plain-store.js'
import type { Broken } from './broken.js'

const rates = (fault: string, Faulty: new () => PlainRates, caughtBy: readonly string[]): Broken => ({
  fault,
  into: backend => {
    backend.rates = new Faulty()
  },
  caughtBy: caughtBy.map(title => `rates: ${title}`),
})

export const brokenRates: readonly Broken[] = [
  rates(
    'lets rates go back in time',
    class extends PlainRates {
      override isNewer(): boolean {
        return true
      }
    },
    [
      'are not replaced by others that are older, or of the same moment',
      'are the newest, and never go back, when many are set at once',
      'are in force in another store, once for both',
      'outlive a restart, and are not replaced by older ones behind it',
    ],
  ),
  rates(
    'replaces rates by others of the same moment',
    class extends PlainRates {
      override isNewer(rates: StoredRates, than: StoredRates): boolean {
        return rates.asOfMs >= than.asOfMs
      }
    },
    ['are not replaced by others that are older, or of the same moment'],
  ),
  rates(
    'compares rates in one turn and stores them in another',
    class extends PlainRates {
      override async set(rates: StoredRates) {
        if (this.current && !this.isNewer(rates, this.current)) return
        for (let i = rates.asOfMs % 7; i > 0; i--) await turn()
        this.current = rates
        this.announce(rates)
      }
    },
    ['are the newest, and never go back, when many are set at once'],
  ),
  rates(
    'keeps rates as numbers',
    class extends PlainRates {
      override copy({ rates, asOfMs }: StoredRates): StoredRates {
        const rounded = Object.entries(rates).map(([code, rate]) => [code, String(Number(rate))])
        return { rates: Object.fromEntries(rounded), asOfMs }
      }
    },
    ['are those that were in force last, to the last digit'],
  ),
  rates(
    'keeps the very object that rates are in',
    class extends PlainRates {
      override copy(rates: StoredRates): StoredRates {
        return rates
      }
    },
    ['do not change with what they were set to'],
  ),
  rates(
    'announces rates before they can be seen',
    class extends PlainRates {
      override async set(rates: StoredRates) {
        if (this.current && !this.isNewer(rates, this.current)) return
        this.announce(rates)
        this.current = rates
      }
    },
    ['are announced once they can be seen', 'are in force in another store, once for both'],
  ),
]
