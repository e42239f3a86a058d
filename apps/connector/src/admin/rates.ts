import { z } from 'zod'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { milliseconds } from './values.js'

const ratesSchema = z.strictObject({
  provider: z.string().nullable().meta({ description: 'null: only accounts of one asset code exchange' }),
  spread: z.string(),
  rates: z.record(z.string(), z.string()).meta({
    description: 'what a whole unit of each asset code is worth: decimals, or quotients of two',
  }),
  asOfMs: milliseconds.optional().meta({ description: 'of rates from elsewhere, once there are any' }),
})

export const rateEndpoints = ({
  config,
  store,
}: Pick<AdminDeps, 'config' | 'store'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/rates',
    summary: 'The exchange rates as they are now',
    answers: { 200: { description: 'by asset code', schema: ratesSchema } },
    handle: () => ({ status: 200, body: shownRates(config.exchangeRates, store) }),
  }),
]

function shownRates(
  settings: AdminDeps['config']['exchangeRates'],
  { rates }: Pick<AdminDeps['store'], 'rates'>,
): z.input<typeof ratesSchema> {
  if (!settings) return { provider: null, spread: '0', rates: {} }
  const { provider, spread = '0' } = settings
  if (settings.provider === 'static') return { provider, spread, rates: settings.rates }
  return { provider, spread, rates: {}, ...rates.get() }
}
