import type { StoredRates } from '@ilp/store-traits'
import { price } from '../config/exchange-rates.js'

/** What an operator has said of an asset's price, as of a version; no price: that it is the provider's again. */
export interface Override {
  readonly version: number
  readonly price: string | undefined
}

/** What a store's rates hold: prices of a provider, and those that take their place. */
export interface RateRecord {
  readonly provider: StoredRates | undefined
  readonly overrides: ReadonlyMap<string, Override>
}

/** No asset code is longer, so that no name below is one. */
export const CODE_LENGTH_MAX = 32

const PROVIDER_AS_OF = 'when the provider gave its prices, in ms since 1970'
const OVERRIDE = 'what an operator has set, for the code: '

export const EMPTY: RateRecord = { provider: undefined, overrides: new Map() }

/** The prices as a store keeps them, in the place of all that it has. Without overrides, as the provider gave them. */
export function encodeRecord({ provider, overrides }: RateRecord, asOfMs: number): StoredRates {
  if (overrides.size === 0 && provider?.asOfMs === asOfMs) return provider
  const rates: Record<string, string> = { ...provider?.rates }
  if (provider) rates[PROVIDER_AS_OF] = String(provider.asOfMs)
  for (const [code, { version, price }] of overrides) {
    rates[`${OVERRIDE}${code}`] = price === undefined ? `${version}` : `${version} ${price}`
  }
  return { rates, asOfMs }
}

export function decodeRecord({ rates, asOfMs }: StoredRates): RateRecord {
  const prices: Record<string, string> = {}
  const overrides = new Map<string, Override>()
  let providerAsOfMs: number | undefined
  for (const [name, text] of Object.entries(rates)) {
    if (name === PROVIDER_AS_OF) providerAsOfMs = Number(text)
    else if (name.startsWith(OVERRIDE)) {
      const [count, decimal] = text.split(' ')
      const version = Number(count)
      const isSound =
        Number.isSafeInteger(version) && (decimal === undefined || price.safeParse(decimal).success)
      if (isSound) overrides.set(name.slice(OVERRIDE.length), { version, price: decimal })
    } else prices[name] = text
  }
  const isOfProvider = providerAsOfMs !== undefined || overrides.size === 0
  return {
    provider: isOfProvider ? { rates: prices, asOfMs: providerAsOfMs ?? asOfMs } : undefined,
    overrides,
  }
}

/** Whether the one is to take the place of the other: of two of one version, all processes take the same. */
export function isNewer(one: Override, other: Override | undefined): boolean {
  if (!other || one.version !== other.version) return one.version > (other?.version ?? 0)
  return (one.price ?? '') > (other.price ?? '')
}

/** All that either of the two knows. */
export function merged(one: RateRecord, other: RateRecord): RateRecord {
  const overrides = new Map(one.overrides)
  for (const [code, override] of other.overrides) {
    if (isNewer(override, overrides.get(code))) overrides.set(code, override)
  }
  const isLater = (other.provider?.asOfMs ?? 0) > (one.provider?.asOfMs ?? 0)
  return { provider: isLater ? other.provider : (one.provider ?? other.provider), overrides }
}

/** Whether the record has all that is known. */
export function hasAll(record: RateRecord, known: RateRecord): boolean {
  if ((known.provider?.asOfMs ?? 0) > (record.provider?.asOfMs ?? 0)) return false
  return [...known.overrides].every(([code, override]) => !isNewer(override, record.overrides.get(code)))
}
