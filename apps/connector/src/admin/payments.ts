import { isAddress } from '@ilp/service-core'
import { z } from 'zod'
import type { ConnectorAccount } from '../account.js'
import { accountOf } from './account-of.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint, type Params } from './endpoint.js'
import type { PaymentRecord } from './payment-book.js'
import { Problem } from './problem.js'
import { asset, milliseconds, pageSize, units } from './values.js'

const U64_MAX = 2n ** 64n - 1n

const amount = z
  .string()
  .regex(/^[1-9][0-9]{0,19}$/, 'expected a whole number in quotes, above zero')
  .transform(BigInt)
  .refine(value => value <= U64_MAX, `expected at most ${U64_MAX}`)

const rate = z.strictObject({
  delivered: amount.meta({ description: "so many of the receiver's units at least …" }),
  sent: amount.meta({ description: "… for so many of the account's" }),
})

const orderSchema = z.strictObject({
  pointer: z.string().min(1).max(2_048).meta({
    description: 'a payment pointer, the URL of an SPSP endpoint, or with `sharedSecret` an ILP address',
  }),
  sharedSecret: z
    .string()
    .regex(/^[A-Za-z0-9+/_-]{43}=$/, 'expected 32 octets in Base64')
    .exactOptional()
    .meta({ description: 'what the receiver has given out with its address, for this payment alone' }),
  amount: z.union([
    z.strictObject({ source: amount }),
    z.strictObject({ delivery: amount, sourceMax: amount.exactOptional() }),
  ]),
  minRate: rate.exactOptional(),
  slippagePpm: z.int().min(0).max(999_999).exactOptional(),
  timeoutMs: z.int().min(1).max(86_400_000).exactOptional(),
})

const paymentSchema = z.strictObject({
  id: z.string(),
  account: z.string(),
  pointer: z.string(),
  amount: z.union([
    z.strictObject({ source: units }),
    z.strictObject({ delivery: units, sourceMax: units.optional() }),
  ]),
  end: z.string().nullable().meta({
    description:
      'null while it is under way; `failed` where nobody says whom to pay, or what `@ilp/stream-sender` says',
  }),
  detail: z
    .string()
    .nullable()
    .meta({ description: 'why it failed, or while it is under way, what holds it up' }),
  sent: units.meta({ description: "in the account's unit" }),
  delivered: units.meta({ description: "in the receiver's unit" }),
  inFlight: units,
  unknown: units.meta({ description: 'in packets without an answer: it may be spent' }),
  asset,
  receiverAsset: asset.nullable().meta({ description: 'null until the receiver has told it' }),
  beganAtMs: milliseconds,
  endedAtMs: milliseconds.nullable(),
})

export type PaymentBody = z.input<typeof orderSchema>

export function shownPayment(
  { id, order, progress, quote, result, trouble, beganAtMs, endedAtMs }: PaymentRecord,
  { username, asset }: Pick<ConnectorAccount, 'username' | 'asset'>,
): z.input<typeof paymentSchema> {
  const { reject } = progress
  return {
    id,
    account: username,
    pointer: order.pointer,
    amount: shownAmount(order.amount),
    end: trouble === undefined ? (result?.end ?? null) : 'failed',
    detail: trouble ?? (reject ? `${reject.code} of ${reject.triggeredBy}: ${reject.message}` : null),
    sent: progress.sent.toString(),
    delivered: progress.delivered.toString(),
    inFlight: progress.inFlight.toString(),
    unknown: (result?.unknown ?? 0n).toString(),
    asset,
    receiverAsset: quote?.asset ?? null,
    beganAtMs,
    endedAtMs: endedAtMs ?? null,
  }
}

const shownAmount = (amount: PaymentRecord['order']['amount']): z.input<typeof paymentSchema>['amount'] =>
  'source' in amount
    ? { source: amount.source.toString() }
    : { delivery: amount.delivery.toString(), sourceMax: amount.sourceMax?.toString() }

type Deps = Pick<AdminDeps, 'store' | 'payments'>

export function paymentEndpoints({ store, payments }: Deps): readonly Endpoint[] {
  const paymentOf = (
    params: Params,
  ): { readonly payment: PaymentRecord; readonly account: ConnectorAccount } => {
    const account = accountOf(store, params)
    const payment = payments.list(account.id).find(({ id }) => id === params['id'])
    if (!payment) throw new Problem(404, 'this process has no payment of this id')
    return { payment, account }
  }
  const path = '/accounts/{username}/payments'
  return [
    endpoint({
      method: 'POST',
      path,
      summary: 'Pays out of a local account (STREAM); it goes on while this is answered',
      idempotencyKey: 'required',
      body: orderSchema,
      answers: { 202: { description: 'the payment, once for each key', schema: paymentSchema } },
      problems: [404, 409, 422, 429],
      handle: async ({ params, body, key = '' }) => {
        const account = accountOf(store, params)
        if (account.relation !== 'local') throw new Problem(409, 'only local accounts pay from here')
        if (account.isDisabled) throw new Problem(409, 'the account is disabled')
        if (body.sharedSecret !== undefined && !isAddress(body.pointer)) {
          throw new Problem(400, 'a sharedSecret goes with an ILP address')
        }
        const payment = await payments.begin(account, body, key)
        const location = `/accounts/${encodeURIComponent(account.username)}/payments/${payment.id}`
        return { status: 202, body: shownPayment(payment, account), headers: { location } }
      },
    }),
    endpoint({
      method: 'GET',
      path,
      summary: 'Payments of the account that this process has made, the latest first',
      query: z.strictObject({ limit: pageSize }),
      answers: { 200: { description: 'those that it remembers', schema: z.array(paymentSchema) } },
      problems: [404],
      handle: ({ params, query }) => {
        const account = accountOf(store, params)
        const shown = payments.list(account.id).slice(0, query.limit)
        return { status: 200, body: shown.map(payment => shownPayment(payment, account)) }
      },
    }),
    endpoint({
      method: 'GET',
      path: `${path}/{id}`,
      summary: 'How far a payment has come',
      answers: { 200: { description: 'the payment', schema: paymentSchema } },
      problems: [404],
      handle: ({ params }) => {
        const { payment, account } = paymentOf(params)
        return { status: 200, body: shownPayment(payment, account) }
      },
    }),
    endpoint({
      method: 'DELETE',
      path: `${path}/{id}`,
      summary: 'Cancels a payment: no more packets; those in flight are waited for',
      answers: { 202: { description: 'the payment', schema: paymentSchema } },
      problems: [404],
      handle: ({ params }) => {
        const { payment, account } = paymentOf(params)
        payments.cancel(payment)
        return { status: 202, body: shownPayment(payment, account) }
      },
    }),
  ]
}
