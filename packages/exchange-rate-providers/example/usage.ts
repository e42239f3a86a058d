import { storedRates } from '@ilp/exchange-rate'
import { createRatePoller, httpRates } from '@ilp/exchange-rate-providers'
import type { Logger } from '@ilp/service-core'
import type { RateStore } from '@ilp/store-traits'

/** Keeps the prices of an API that says what one dollar buys: `{ "date": "…", "rates": { "EUR": 0.8, … } }`. */
export async function startRates(url: string, store: RateStore, logger: Logger) {
  const mapping = { prices: 'rates', price: '', isInverted: true }
  const provider = httpRates({ url, base: 'USD', mapping })
  const poller = createRatePoller({ provider, store, logger }, { pollIntervalMs: 60_000 })
  await poller.start()
  /** What the `exchange-rate` layer takes: nothing older than ten minutes. */
  const source = storedRates({ store }, { maxAgeMs: 600_000, spread: '0.002' })
  return { source, stop: poller.stop }
}
