import { z } from 'zod'
import { ALERT_KINDS } from '../alerts/kinds.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { milliseconds, PAGED, page, pageQuery } from './values.js'

const alertSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(ALERT_KINDS),
  account: z.string().nullable().meta({ description: 'the username; null where it is about none' }),
  message: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  raisedAtMs: milliseconds,
})

export type ShownAlert = z.infer<typeof alertSchema>

export const alertEndpoints = ({ alerts }: Pick<AdminDeps, 'alerts'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/alerts',
    summary: 'What is not as it should be in this process at the moment',
    query: z.strictObject({ ...pageQuery, kind: z.enum(ALERT_KINDS).optional() }),
    answers: { 200: { description: PAGED, schema: z.array(alertSchema) } },
    handle: ({ query }) => {
      const found = alerts().filter(({ kind }) => query.kind === undefined || kind === query.kind)
      const { entries, headers } = page('/alerts', found, ({ id }) => id, query)
      const body = entries.map(({ account, details = {}, ...alert }) => ({
        ...alert,
        account: account ?? null,
        details,
      }))
      return { status: 200, body, headers }
    },
  }),
]
