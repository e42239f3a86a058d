import { decimalOf, parseExactJson } from './exact.js'
import { fetchText } from './fetch-text.js'
import { type RateProvider, RatesError } from './provider.js'

/** Where an answer has its prices. Paths are keys joined by dots; an empty one is the value itself. */
export interface RateMapping {
  /** Path to the list of prices, or to the object of prices by asset code. */
  readonly prices: string
  /** In an entry of a list, path to the asset code. Not looked at in an object. */
  readonly code?: string | undefined
  /** In an entry, path to the price: a number, or a string that holds one. */
  readonly price: string
  /** Path to the moment of which the prices are, in milliseconds since 1970; without it, that of the request. */
  readonly asOfMs?: string | undefined
  /** Whether a price is how many units one of `base` buys, not how many of `base` one unit costs. */
  readonly isInverted?: boolean | undefined
}

export interface HttpRatesOptions {
  /** Where the prices are, in JSON. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The asset code of the currency that the prices are in. */
  readonly base: string
  readonly mapping: RateMapping
}

/** Prices that are taken from one answer. */
const PRICES_MAX = 10_000

const CODE_LENGTH_MAX = 32

/**
 * Prices from an HTTP API that answers in JSON. An entry without a code or a price is left out; of several with one
 * code, the first counts.
 */
export const httpRates = ({ url, headers = {}, base, mapping }: HttpRatesOptions): RateProvider => ({
  fetch: async (nowMs, signal) => {
    const answer = parse(await fetchText(url, { accept: 'application/json', ...headers }, signal))
    const rates = ratesOf(answer, base, mapping)
    if (rates.size === 0) throw new RatesError('ERR_RATES_UNREADABLE', 'the answer has no prices')
    rates.set(base, '1')
    return { rates: Object.fromEntries(rates), asOfMs: asOf(answer, mapping, nowMs) }
  },
})

function parse(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (cause) {
    throw new RatesError('ERR_RATES_UNREADABLE', 'the answer is not JSON', { cause })
  }
}

function ratesOf(answer: unknown, base: string, mapping: RateMapping): Map<string, string> {
  const rates = new Map<string, string>()
  for (const [code, entry] of entriesOf(at(answer, mapping.prices), mapping)) {
    if (rates.size === PRICES_MAX) break
    const price = at(entry, mapping.price)
    const decimal = typeof price === 'string' ? decimalOf(price) : undefined
    const isCode = typeof code === 'string' && code !== '' && code.length <= CODE_LENGTH_MAX
    if (!isCode || decimal === undefined || code === base || rates.has(code)) continue
    rates.set(code, mapping.isInverted ? `1/${decimal}` : decimal)
  }
  return rates
}

function entriesOf(prices: unknown, { code }: RateMapping): Iterable<readonly [unknown, unknown]> {
  if (Array.isArray(prices)) return prices.map(entry => [at(entry, code ?? ''), entry] as const)
  return typeof prices === 'object' && prices !== null ? Object.entries(prices) : []
}

/** The moment that the answer names, but never one to come. */
function asOf(answer: unknown, { asOfMs }: RateMapping, nowMs: number): number {
  if (asOfMs === undefined) return nowMs
  const named = Number(at(answer, asOfMs))
  if (!Number.isSafeInteger(named)) {
    throw new RatesError('ERR_RATES_UNREADABLE', 'the answer does not say of when it is')
  }
  return Math.min(named, nowMs)
}

/** What lies at the path; undefined where it doesn't lead anywhere. */
function at(value: unknown, path: string): unknown {
  let found = value
  for (const key of path === '' ? [] : path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}
