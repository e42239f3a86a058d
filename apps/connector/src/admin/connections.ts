import { z } from 'zod'
import type { ConnectorAccount } from '../account.js'
import { accountOf } from './account-of.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { milliseconds, PAGED, page, pageQuery } from './values.js'

const connectionSchema = z.strictObject({
  account: z.string(),
  isUp: z.boolean(),
  dials: z.string().nullable().meta({ description: "the peer's server; null where the peer connects" }),
  sessions: z.int().min(0),
  pending: z.int().min(0).meta({ description: 'packets that wait for an answer' }),
  unsentBytes: z.int().min(0),
})

export type ShownConnection = z.infer<typeof connectionSchema>

const httpConnectionSchema = z.strictObject({
  account: z.string(),
  posts: z.string().meta({ description: 'the URL that packets to the account are posted to' }),
  isFailing: z.boolean().meta({ description: 'whether the last packet did not get through' }),
  inFlight: z.int().min(0),
  lastSuccessAtMs: milliseconds.nullable().meta({ description: 'when the peer last took a packet' }),
  lastFailureAtMs: milliseconds.nullable(),
  lastFailure: z.string().nullable().meta({ description: 'a status, or the code of an error' }),
})

export type ShownHttpLink = z.infer<typeof httpConnectionSchema>

export const connectionEndpoints = ({
  store,
  pool,
  httpLinks,
}: Pick<AdminDeps, 'store' | 'pool' | 'httpLinks'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/connections',
    summary: 'The BTP links of this process: those that are up, and those that should be',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: PAGED, schema: z.array(connectionSchema) } },
    handle: ({ query }) => {
      const stats = new Map(pool.stats().map(link => [link.account, link]))
      const isShown = ({ id, btp }: ConnectorAccount) => stats.has(id) || btp?.outgoingUrl !== undefined
      const accounts = store.accounts.all().filter(isShown)
      const { entries, headers } = page('/connections', accounts, ({ username }) => username, query)
      const body = entries.map(({ id, username, btp }) => {
        const { sessions = 0, pending = 0, unsentBytes = 0 } = stats.get(id) ?? {}
        const dials = btp?.outgoingUrl ?? null
        return { account: username, isUp: sessions > 0, dials, sessions, pending, unsentBytes }
      })
      return { status: 200, body, headers }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/connections/http',
    summary: 'The accounts that packets are posted to, and how that went in this process',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: PAGED, schema: z.array(httpConnectionSchema) } },
    handle: ({ query }) => {
      const stats = new Map(httpLinks().map(link => [link.account, link]))
      const accounts = store.accounts.all().filter(({ http }) => http?.outgoingUrl !== undefined)
      const { entries, headers } = page('/connections/http', accounts, ({ username }) => username, query)
      const body = entries.map(({ id, username, http }): z.input<typeof httpConnectionSchema> => {
        const link = stats.get(id)
        return {
          account: username,
          posts: http?.outgoingUrl ?? '',
          isFailing: link?.failingSinceMs !== undefined,
          inFlight: link?.inFlight ?? 0,
          lastSuccessAtMs: link?.lastSuccessAtMs ?? null,
          lastFailureAtMs: link?.lastFailureAtMs ?? null,
          lastFailure: link?.lastFailure ?? null,
        }
      })
      return { status: 200, body, headers }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/accounts/{username}/reconnect',
    summary: "Closes the account's BTP links of this process; those that it dials are dialled again",
    answers: { 202: { description: 'they are closed' } },
    problems: [404],
    handle: ({ params }) => {
      pool.closeAccount(accountOf(store, params).id)
      return { status: 202 }
    },
  }),
]
