import { z } from 'zod'
import { accountOf } from './account-of.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'
import { milliseconds, pageSize, units } from './values.js'

const amount = z.string().regex(/^-?[1-9][0-9]{0,77}$/, 'expected a whole number in quotes, not zero')

const reason = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^\P{Surrogate}+$/u, 'expected whole characters')

const adjustmentSchema = z.strictObject({
  key: z.string(),
  amount: units,
  reason: z.string(),
  postedAtMs: milliseconds,
})

export type ShownAdjustment = z.infer<typeof adjustmentSchema>

/** What keys of the node's own adjustments begin with. */
const OWN_KEYS = /^(write-off|payment):/
/** Those that move nothing, and only say that a payment has begun. */
const CLAIMS = /^payment:/

export const adjustmentEndpoints = ({ store }: Pick<AdminDeps, 'store'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/accounts/{username}/adjustments',
    summary: "The account's latest adjustments, the newest first",
    query: z.strictObject({ limit: pageSize }),
    answers: { 200: { description: 'as they were posted', schema: z.array(adjustmentSchema) } },
    problems: [404],
    handle: async ({ params, query }) => {
      const posted = await store.adjustments.read(accountOf(store, params).id)
      const shown = posted.filter(({ key }) => !CLAIMS.test(key)).slice(0, query.limit)
      const body = shown.map(({ key, amount, reason, postedAtMs }) => ({
        key,
        amount: amount.toString(),
        reason,
        postedAtMs,
      }))
      return { status: 200, body }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/accounts/{username}/adjustments',
    summary: 'Posts money by hand, across any limit: a bank settlement, a reconciliation',
    idempotencyKey: 'required',
    body: z.strictObject({ amount, reason }),
    answers: {
      201: {
        description: 'it is posted, once for each key',
        schema: adjustmentSchema.omit({ postedAtMs: true }),
      },
    },
    problems: [404, 422],
    handle: async ({ params, body, key = '' }) => {
      if (OWN_KEYS.test(key)) throw new Problem(400, 'this node has keys of its own that begin like this')
      const { id, asset } = accountOf(store, params)
      const { amount, reason } = body
      const adjustment = { key, account: { id, asset }, amount: BigInt(amount), reason }
      if ((await store.adjustments.adjust(adjustment)) === 'key-reused') {
        throw new Problem(422, 'another adjustment has had this idempotency key')
      }
      return { status: 201, body: { key, amount, reason } }
    },
  }),
]
