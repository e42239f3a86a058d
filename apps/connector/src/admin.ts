import { createHash, timingSafeEqual } from 'node:crypto'
import { type Disposable, lifecycle } from '@ilp/service-core'
import type { AccountStore, LedgerStore } from '@ilp/store-traits'
import { fastify } from 'fastify'
import type { ConnectorAccount } from './account.js'

export interface AdminDeps {
  readonly accounts: Pick<AccountStore<ConnectorAccount>, 'byUsername'>
  readonly ledger: Pick<LedgerStore, 'readBalance' | 'readPositions'>
  /** Why packets can't be taken at the moment; undefined when they can. */
  readonly trouble: () => Promise<string | undefined>
}

export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly token: string
}

export interface Admin extends Disposable {
  /** Where it listens, once it has started. */
  readonly url: () => string
}

const PROBLEM = 'application/problem+json'

/** The operator's listener: JSON, errors as problem details (RFC 9457), a bearer token for all but `/health`. */
export function createAdmin({ accounts, ledger, trouble }: AdminDeps, options: AdminOptions): Admin {
  const app = fastify({ forceCloseConnections: true })
  const problem = (status: number, title: string, detail?: string) => ({
    type: 'about:blank',
    title,
    status,
    detail,
  })
  const expected = digest(`Bearer ${options.token}`)

  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === '/health') return
    const given = request.headers.authorization?.replace(/^bearer +/i, 'Bearer ') ?? ''
    if (timingSafeEqual(digest(given), expected)) return
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .type(PROBLEM)
      .send(problem(401, 'Unauthorized', 'send the admin token as Authorization: Bearer …'))
  })
  app.setNotFoundHandler((_, reply) => reply.code(404).type(PROBLEM).send(problem(404, 'Not Found')))
  app.setErrorHandler((error: { statusCode?: number; code?: string }, _, reply) => {
    const status = error.code === 'ERR_STORE_UNAVAILABLE' ? 503 : (error.statusCode ?? 500)
    const title =
      status === 503 ? 'The store is out of reach' : status < 500 ? 'Bad Request' : 'Internal Error'
    return reply.code(status).type(PROBLEM).send(problem(status, title))
  })

  app.get('/health', async (_, reply) => {
    const reason = await trouble()
    if (reason === undefined) return { status: 'ok' }
    return reply
      .code(503)
      .type(PROBLEM)
      .send(problem(503, 'Service Unavailable', reason))
  })
  app.get<{ Params: { username: string } }>('/accounts/:username/balance', async (request, reply) => {
    const account = accounts.byUsername(request.params.username)
    if (!account)
      return reply
        .code(404)
        .type(PROBLEM)
        .send(problem(404, 'Not Found', 'no account of this username'))
    const { balance, heldOut, heldIn } = await ledger.readBalance(account.id)
    return {
      balance: balance.toString(),
      heldOut: heldOut.toString(),
      heldIn: heldIn.toString(),
      asset: account.asset,
    }
  })
  app.get('/positions', async () =>
    (await ledger.readPositions()).map(({ asset, balance, settled, adjusted }) => ({
      asset,
      balance: balance.toString(),
      settled: settled.toString(),
      adjusted: adjusted.toString(),
    })),
  )

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

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
