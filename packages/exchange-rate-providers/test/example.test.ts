import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLogger } from '@ilp/service-core'
import { Feed, type RateStore, type StoredRates } from '@ilp/store-traits'
import { expect, onTestFinished, test } from 'vitest'
import { startRates } from '../example/usage.js'

/** Rates in memory. */
function rateStore(): RateStore {
  const feed = new Feed<StoredRates>()
  let stored: StoredRates | undefined
  return {
    get: () => stored,
    set: async rates => {
      stored = rates
      feed.announce(rates)
    },
    watch: listener => feed.subscribe(listener),
  }
}

test('the example has a price as soon as the API has told it', async () => {
  const server = createServer((_, response) => response.end('{"date":"2026-11-24","rates":{"EUR":0.8}}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const store = rateStore()
  const arrived = new Promise<StoredRates>(resolve => store.watch(resolve))
  const { source, stop } = await startRates(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    store,
    silentLogger,
  )
  onTestFinished(stop)
  expect((await arrived).rates).toEqual({ USD: '1', EUR: '1/0.8' })
  expect(source.price('EUR')).toEqual({ numerator: 5n, denominator: 4n })
})
