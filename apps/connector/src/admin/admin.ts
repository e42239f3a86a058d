import { createHash, timingSafeEqual } from 'node:crypto'
import { type Disposable, lifecycle } from '@ilp/service-core'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { accountEndpoints } from './accounts.js'
import { adjustmentEndpoints } from './adjustments.js'
import { alertEndpoints } from './alerts.js'
import { balanceEndpoints } from './balances.js'
import { connectionEndpoints } from './connections.js'
import { dashboardEndpoints } from './dashboard.js'
import type { AdminDeps } from './deps.js'
import { type Call, type Endpoint, KEY_LENGTH_MAX, type Params } from './endpoint.js'
import { eventEndpoints } from './events.js'
import { healthEndpoints } from './health.js'
import { logLevelEndpoints } from './log-level.js'
import { metricsEndpoints } from './metrics.js'
import { openApi } from './openapi.js'
import { paymentEndpoints } from './payments.js'
import { pingEndpoints } from './ping.js'
import { malformed, PROBLEM_TYPE, Problem, problemSchema } from './problem.js'
import { rateEndpoints } from './rates.js'
import { reconciliationEndpoints } from './reconciliation.js'
import { routeEndpoints } from './routes.js'
import { settlementEndpoints } from './settlement.js'
import { tokenEndpoints } from './tokens.js'
import { trafficEndpoints } from './traffic.js'
import { createTurns } from './turns.js'

export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly token: string
}

export interface Admin extends Disposable {
  /** Where it listens, once it has started. */
  readonly url: () => string
}

/** The largest body of a request. */
const BODY_BYTES_MAX = 65_536

/**
 * The operator's listener: JSON, errors as problem details (RFC 9457), a bearer token for all but `/health` and the
 * files of the dashboard.
 */
export function createAdmin(deps: AdminDeps, options: AdminOptions): Admin {
  const endpoints = endpointsOf(deps)
  const app = fastify({ forceCloseConnections: true, bodyLimit: BODY_BYTES_MAX, exposeHeadRoutes: false })
  app.removeContentTypeParser('text/plain')
  const expected = digest(`Bearer ${options.token}`)
  const open = new Set(endpoints.filter(({ isPublic }) => isPublic).map(routeOf))

  app.addHook('onRequest', async ({ headers, routeOptions: { url = '' } }) => {
    if (open.has(url)) return
    const given = headers.authorization?.replace(/^bearer +/i, 'Bearer ') ?? ''
    if (timingSafeEqual(digest(given), expected)) return
    throw new Problem(401, 'send the admin token as Authorization: Bearer …')
  })
  app.setNotFoundHandler(() => {
    throw new Problem(404)
  })
  app.setErrorHandler((error, _, reply) => {
    const problem = problemOf(error)
    if (problem.status === 500) deps.logger.error({ err: error }, 'the admin API has failed')
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem.document())
  })
  for (const one of endpoints) {
    app.route({
      method: one.method,
      url: routeOf(one),
      handler: async (request, reply) => answer(one, request, reply),
    })
  }

  let url = ''
  return {
    ...lifecycle({
      start: async () => {
        url = await app.listen({ host: options.host, port: options.port })
      },
      stop: () => app.close(),
    }),
    url: () => url,
  }
}

function endpointsOf(deps: AdminDeps): readonly Endpoint[] {
  const turns = createTurns()
  const endpoints = [
    ...healthEndpoints(deps),
    ...metricsEndpoints(deps),
    ...trafficEndpoints(deps),
    ...accountEndpoints(deps, turns),
    ...tokenEndpoints(deps, turns),
    ...balanceEndpoints(deps),
    ...adjustmentEndpoints(deps),
    ...paymentEndpoints(deps),
    ...pingEndpoints(deps),
    ...routeEndpoints(deps, turns),
    ...rateEndpoints(deps),
    ...settlementEndpoints(deps),
    ...reconciliationEndpoints(deps),
    ...connectionEndpoints(deps),
    ...alertEndpoints(deps),
    ...logLevelEndpoints(deps),
    ...eventEndpoints(deps),
    ...dashboardEndpoints(),
  ]
  return [...endpoints, openApi(endpoints, problemSchema)]
}

/** The path as fastify writes it. */
const routeOf = ({ path }: Endpoint): string => path.replace(/\{(\w+)\}/g, ':$1')

async function answer(one: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { status, body, headers = {}, stream } = await one.handle(callOf(one, request))
  if (stream) {
    reply.hijack()
    stream(reply.raw)
    return undefined
  }
  return reply.code(status).headers(headers).send(body)
}

/** @throws Problem 400 for a request that is not as the endpoint wants it */
function callOf(one: Endpoint, { params, query, body, headers }: FastifyRequest): Call<unknown, unknown> {
  return {
    params: params as Params,
    query: parsed('query', one.query, query),
    body: parsed('body', one.body, body),
    raw: body,
    key: keyOf(one, headers['idempotency-key']),
  }
}

function parsed(part: string, schema: Endpoint['query'], value: unknown): unknown {
  if (!schema) return undefined
  const result = schema.safeParse(value)
  if (!result.success) throw malformed(part, result.error)
  return result.data
}

const KEY = new RegExp(`^[!-~]{1,${KEY_LENGTH_MAX}}$`)

function keyOf({ idempotencyKey }: Endpoint, given: string | string[] | undefined): string | undefined {
  if (idempotencyKey === undefined || (idempotencyKey === 'optional' && given === undefined)) return undefined
  if (typeof given === 'string' && KEY.test(given)) return given
  throw new Problem(400, `expected a header Idempotency-Key of 1 to ${KEY_LENGTH_MAX} visible characters`)
}

const STORE_IS_DOWN = new Set<unknown>(['ERR_STORE_UNAVAILABLE', 'ERR_STORE_CLOSED'])

/** What peers and the store are told of an error that is a bug is nothing. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { code, statusCode = 500 } = error as { readonly code?: unknown; readonly statusCode?: number }
  if (STORE_IS_DOWN.has(code)) return new Problem(503, 'the store is out of reach')
  return new Problem(statusCode >= 400 && statusCode < 500 ? statusCode : 500)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
