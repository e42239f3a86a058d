import { z } from 'zod'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'
import { milliseconds, pageSize, units } from './values.js'

const entrySchema = z.strictObject({
  id: z.string(),
  atMs: milliseconds,
  kind: z.enum(['late-fulfill', 'unbooked', 'posted-late']).meta({
    description:
      'late-fulfill: rejected here, and perhaps paid at the next hop; unbooked: the Fulfill was relayed, and is in no book; posted-late: booked though its hold was gone, perhaps across a limit',
  }),
  from: z.string().meta({ description: 'the id of the account to be debited' }),
  incomingAmount: units.meta({ description: 'in its unit' }),
  to: z.string().meta({ description: 'the id of the account to be credited' }),
  amount: units.meta({ description: 'in its unit' }),
  destination: z.string().optional(),
  expiresAt: z.string().optional(),
  fulfillment: z.string().optional().meta({ description: 'in hexadecimal' }),
})

const listSchema = z.strictObject({
  entries: z.array(entrySchema),
  size: z.int().min(0),
  unlisted: z
    .int()
    .min(0)
    .meta({ description: 'those that found no place here since the start: see the log' }),
})

export type ShownReconciliation = z.infer<typeof listSchema>

type Deps = Pick<AdminDeps, 'reconciliation'>

export const reconciliationEndpoints = ({ reconciliation }: Deps): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/reconciliation',
    summary:
      'The transfers of this process that somebody has to compare with a peer’s books, the oldest first',
    query: z.strictObject({ limit: pageSize }),
    answers: { 200: { description: 'those not seen to yet', schema: listSchema } },
    handle: ({ query }) => ({
      status: 200,
      body: {
        entries: reconciliation.list().slice(0, query.limit),
        size: reconciliation.size(),
        unlisted: reconciliation.unlisted(),
      },
    }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/reconciliation/{id}',
    summary: 'Takes a transfer off the list: it has been seen to. Moves no money: an adjustment does',
    query: z.strictObject({ reason: z.string().min(1).max(1_000) }),
    answers: { 204: { description: 'it is gone' } },
    problems: [404],
    handle: async ({ params, query: { reason } }) => {
      if (await reconciliation.settle(params['id'] ?? '', reason)) return { status: 204 }
      throw new Problem(404, 'no such transfer waits for a reconciliation')
    },
  }),
]
