import { z } from 'zod'
import { price } from '../config/exchange-rates.js'
import { CODE_LENGTH_MAX } from '../rates/rate-record.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint, type Params } from './endpoint.js'
import { Problem } from './problem.js'
import { milliseconds } from './values.js'

const prices = z.record(z.string(), z.string())

const ratesSchema = z.strictObject({
  provider: z.string().nullable().meta({ description: 'null: none is configured' }),
  spread: z.string(),
  rates: prices.meta({
    description: 'what a whole unit of each asset code is worth: decimals, or quotients of two',
  }),
  overrides: prices.meta({ description: 'those of them that were set by hand, in place of the provider’s' }),
  asOfMs: milliseconds.optional().meta({ description: 'of rates from elsewhere, once there are any' }),
  isTooOld: z
    .boolean()
    .optional()
    .meta({ description: 'of the same: whether they are older than `maxAgeMs`, and not used' }),
})

export type ShownRates = z.infer<typeof ratesSchema>

const setSchema = z.strictObject({ code: z.string(), rate: z.string() })

type Deps = Pick<AdminDeps, 'config' | 'rates' | 'logger'>

export const rateEndpoints = (deps: Deps): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/rates',
    summary: 'The exchange rates as they are now',
    answers: { 200: { description: 'by asset code', schema: ratesSchema } },
    handle: () => ({ status: 200, body: shownRates(deps) }),
  }),
  endpoint({
    method: 'PUT',
    path: '/rates/{code}',
    summary:
      'Sets what a whole unit of an asset is worth, in place of what the provider says, until it is deleted',
    body: z.strictObject({ rate: price }),
    answers: { 200: { description: 'it is in force', schema: setSchema } },
    problems: [409],
    handle: async ({ params, body: { rate } }) => {
      const code = codeOf(params)
      if ((await deps.rates.override(code, rate)) === 'full') {
        throw new Problem(409, 'too many asset codes have a rate that was set by hand')
      }
      deps.logger.info({ code, rate }, 'an exchange rate was set by hand')
      return { status: 200, body: { code, rate } }
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/rates/{code}',
    summary: 'Gives an asset’s price back to the provider',
    answers: { 204: { description: 'the provider’s is in force again' } },
    problems: [404],
    handle: async ({ params }) => {
      const code = codeOf(params)
      if (!Object.hasOwn(deps.rates.overrides(), code)) {
        throw new Problem(404, 'no rate was set by hand for this asset code')
      }
      await deps.rates.override(code, undefined)
      deps.logger.info({ code }, 'an exchange rate that was set by hand is gone')
      return { status: 204 }
    },
  }),
]

/** @throws Problem 400 */
function codeOf({ code = '' }: Params): string {
  if (code.length > 0 && code.length <= CODE_LENGTH_MAX) return code
  throw new Problem(400, `expected an asset code of 1 to ${CODE_LENGTH_MAX} characters`)
}

function shownRates({ config: { exchangeRates: settings }, rates }: Deps): z.input<typeof ratesSchema> {
  const overrides = rates.overrides()
  const shown = { provider: settings?.provider ?? null, spread: settings?.spread ?? '0', overrides }
  if (!settings) return { ...shown, rates: overrides }
  if (settings.provider === 'static') return { ...shown, rates: { ...settings.rates, ...overrides } }
  const provided = rates.provided()
  if (!provided) return { ...shown, rates: overrides }
  const { asOfMs } = provided
  const isTooOld = Date.now() - asOfMs > settings.maxAgeMs
  return { ...shown, rates: { ...provided.rates, ...overrides }, asOfMs, isTooOld }
}
