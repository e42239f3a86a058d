import { decimalOf } from './exact.js'
import { fetchText } from './fetch-text.js'
import { type RateProvider, RatesError } from './provider.js'

export interface EcbRatesOptions {
  /** Where the reference rates are, in the bank's XML. */
  readonly url?: string | undefined
}

export const ECB_DEFAULTS = { url: 'https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml' } as const

/** Rates of how long ago count as those of today: the bank sets none at weekends and holidays, five days in a row at most. */
const DAYS_MAX = 7
const DAY_MS = 86_400_000

const DAY = /<Cube\s+time=(["'])(\d{4}-\d\d-\d\d)\1\s*>([\s\S]*?)<\/Cube>/
const RATE = /<Cube\s+currency=(["'])([A-Z]{3})\1\s+rate=(["'])([0-9.]+)\3\s*\/>/g

/**
 * The euro's reference rates from the European Central Bank, of the first day in the answer. They are in force until
 * there are others, and so as of the moment of the request; when they are of more than seven days ago, the bank has
 * stopped to tell any.
 */
export function ecbRates({ url = ECB_DEFAULTS.url }: EcbRatesOptions = {}): RateProvider {
  return {
    fetch: async (nowMs, signal) => {
      const [, , date = '', cubes = ''] = DAY.exec(await fetchText(url, { accept: 'text/xml' }, signal)) ?? []
      // A date that is none makes this NaN, and is refused as well.
      if (!(nowMs - Date.parse(date) <= (DAYS_MAX + 1) * DAY_MS)) {
        throw new RatesError('ERR_RATES_UNREADABLE', `the rates are of ${date === '' ? 'no day' : date}`)
      }
      const rates = new Map([['EUR', '1']])
      for (const [, , code = '', , rate = ''] of cubes.matchAll(RATE)) {
        const decimal = decimalOf(rate)
        if (decimal !== undefined) rates.set(code, `1/${decimal}`)
      }
      if (rates.size === 1) throw new RatesError('ERR_RATES_UNREADABLE', 'the answer has no rates')
      return { rates: Object.fromEntries(rates), asOfMs: nowMs }
    },
  }
}
