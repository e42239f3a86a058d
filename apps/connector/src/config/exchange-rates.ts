import { z } from 'zod'
import { milliseconds, url } from './values.js'

const DECIMAL = /^(?=.{1,64}$)[0-9]+(\.[0-9]+)?$/
/** What a whole unit of an asset is worth. */
export const price = z
  .string()
  .refine(
    text => DECIMAL.test(text) && /[1-9]/.test(text),
    'expected a decimal number above 0 in quotes, such as "1.08"',
  )
const spread = z
  .string()
  .refine(
    text => DECIMAL.test(text) && /^0+(\.|$)/.test(text),
    'expected a decimal number from "0" to below "1" in quotes, such as "0.002"',
  )

/** What all providers have that are asked again and again. */
const polled = (pollIntervalMs: number, maxAgeMs: number) => ({
  pollIntervalMs: milliseconds.default(pollIntervalMs),
  maxAgeMs: milliseconds.default(maxAgeMs),
  spread: spread.default('0'),
})

const often = polled(60_000, 600_000)
const secret = z.string().regex(/^[!-~]{1,1024}$/, 'expected visible ASCII characters, and no spaces')
const page = url(['http', 'https'])
const api = page.refine(text => !/[/?]$/.test(text), 'expected a URL that does not end in a slash')
const code = z.string().min(1).max(32)
/** Keys joined by dots. */
const path = z.string().max(256)

/** Where the node's exchange rates come from. */
export const exchangeRates = z
  .discriminatedUnion(
    'provider',
    [
      z.strictObject({
        provider: z.literal('static'),
        rates: z.record(z.string(), price),
        spread: spread.default('0'),
      }),
      z.strictObject({
        provider: z.literal('http'),
        url: page,
        token: secret.optional(),
        base: code,
        mapping: z.strictObject({
          prices: path,
          code: path.optional(),
          price: path,
          asOfMs: path.optional(),
          isInverted: z.boolean().optional(),
        }),
        ...often,
      }),
      // The bank sets its rates once a working day.
      z.strictObject({ provider: z.literal('ecb'), url: page.optional(), ...polled(3_600_000, 86_400_000) }),
      z.strictObject({
        provider: z.literal('coincap'),
        url: api.optional(),
        apiKey: secret.optional(),
        ...often,
      }),
      z.strictObject({
        provider: z.literal('cryptocompare'),
        url: api.optional(),
        apiKey: secret.optional(),
        codes: z.array(code).min(1).max(300),
        ...often,
      }),
    ],
    { error: 'expected static, http, ecb, coincap or cryptocompare' },
  )
  .refine(rates => rates.provider === 'static' || rates.maxAgeMs >= rates.pollIntervalMs, {
    path: ['maxAgeMs'],
    error: 'expected at least pollIntervalMs',
  })
