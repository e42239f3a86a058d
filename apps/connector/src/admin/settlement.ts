import { z } from 'zod'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { asset, milliseconds, pageSize, units } from './values.js'

const settlementSchema = z.strictObject({
  outbox: z.array(
    z.strictObject({
      account: z.string().nullable().meta({ description: 'the username; null when the account is gone' }),
      accountId: z.string(),
      amount: units,
      asset,
      createdAtMs: milliseconds,
    }),
  ),
  outboxSize: z.int().min(0),
  orphans: z.int().min(0).meta({ description: 'entries whose account is gone, or has no engine' }),
  engines: z.array(
    z.strictObject({
      url: z.string(),
      isUp: z.boolean().nullable().meta({ description: 'null before it was asked for anything' }),
      accounts: z.int().min(0),
      waiting: z.int().min(0),
      lastError: z.strictObject({ message: z.string(), atMs: milliseconds }).nullable(),
    }),
  ),
})

export type ShownSettlement = z.infer<typeof settlementSchema>

export const settlementEndpoints = ({
  store,
  settler,
}: Pick<AdminDeps, 'store' | 'settler'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/settlement',
    summary: 'What no engine has acknowledged, the oldest first, and the engines',
    query: z.strictObject({ limit: pageSize }),
    answers: {
      200: {
        description: 'outbox from the store; engines as this process knows them',
        schema: settlementSchema,
      },
    },
    handle: async ({ query }) => {
      const outbox = await store.settlements.readOutbox()
      const { orphans, engines } = settler.stats()
      const body: z.input<typeof settlementSchema> = {
        outbox: outbox.slice(0, query.limit).map(({ account: { id, asset }, amount, createdAtMs }) => ({
          account: store.accounts.get(id)?.username ?? null,
          accountId: id,
          amount: amount.toString(),
          asset,
          createdAtMs,
        })),
        outboxSize: outbox.length,
        orphans,
        engines: engines.map(({ isUp, lastError, ...engine }) => ({
          ...engine,
          isUp: isUp ?? null,
          lastError: lastError ?? null,
        })),
      }
      return { status: 200, body }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/settlement/retry',
    summary: 'Makes every request to engines now that waits for its next time',
    answers: { 202: { description: 'they are on their way' } },
    handle: () => {
      settler.retryNow()
      return { status: 202 }
    },
  }),
]
