import type { StaticRoute } from '@ilp/store-traits'
import { z } from 'zod'
import { configSchema } from '../config/schema.js'
import { putAccount } from './account-creation.js'
import { accountOf } from './account-of.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'
import type { Turns } from './turns.js'
import { milliseconds, PAGED, page, pageQuery } from './values.js'

const staticRoute = configSchema.shape.routes.unwrap().element

const routeSchema = z.strictObject({
  prefix: z.string(),
  account: z.string().nullable().meta({ description: 'the next hop; null for this node itself' }),
  origin: z.enum(['static', 'own', 'account', 'learned']),
  isOfFile: z
    .boolean()
    .meta({ description: "a static route of the configuration file, which can't be changed here" }),
  path: z.array(z.string()).meta({ description: 'the nodes on the way, as far as they are known' }),
  isDown: z.boolean(),
  sinceMs: milliseconds,
})

export type ShownRoute = z.infer<typeof routeSchema>

type Deps = Pick<AdminDeps, 'config' | 'store' | 'routes'>

export function routeEndpoints(deps: Deps, turns: Turns): readonly Endpoint[] {
  const ofFile = new Set(deps.config.routes.map(({ prefix }) => prefix))
  return [listed(deps, ofFile), made(deps, ofFile, turns), removed(deps, ofFile, turns)]
}

const listed = ({ store, routes }: Deps, ofFile: ReadonlySet<string>): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/routes',
    summary: 'The routes in use, by prefix: the best of each, and where it came from',
    query: z.strictObject({ ...pageQuery, origin: routeSchema.shape.origin.optional() }),
    answers: { 200: { description: PAGED, schema: z.array(routeSchema) } },
    handle: ({ query }) => {
      const found = routes().filter(({ origin }) => query.origin === undefined || origin === query.origin)
      const { entries, headers } = page('/routes', found, ({ prefix }) => prefix, query)
      const body = entries.map(({ prefix, account, origin, path, isDown, sinceMs }) => ({
        prefix,
        account: account === undefined ? null : (store.accounts.get(account)?.username ?? null),
        origin,
        isOfFile: origin === 'static' && ofFile.has(prefix),
        path,
        isDown,
        sinceMs,
      }))
      return { status: 200, body, headers }
    },
  })

const made = ({ store }: Deps, ofFile: ReadonlySet<string>, turns: Turns): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/routes',
    summary: 'Makes a static route, or leads it to another account',
    body: staticRoute,
    answers: { 201: { description: 'the route', schema: staticRoute } },
    problems: [404, 409],
    handle: ({ body: { prefix, account: username } }) => {
      refuseFile(prefix, ofFile)
      return turns(username, async () => {
        const account = accountOf(store, { username })
        const former = store.routes.all().find(one => one.prefix === prefix)
        // First the note that it is the API's: a start between the two leaves it alone.
        await putAccount({ ...account, apiRoutes: [...new Set(account.apiRoutes).add(prefix)] }, store)
        await store.routes.put({ prefix, account: account.id })
        if (former && former.account !== account.id) await forget(former, store)
        return { status: 201, body: { prefix, account: username } }
      })
    },
  })

const removed = ({ store }: Deps, ofFile: ReadonlySet<string>, turns: Turns): Endpoint =>
  endpoint({
    method: 'DELETE',
    path: '/routes',
    summary: 'Removes a static route',
    query: z.strictObject({ prefix: z.string() }),
    answers: { 204: { description: 'it is gone' } },
    problems: [404, 409],
    handle: ({ query: { prefix } }) => {
      refuseFile(prefix, ofFile)
      const route = store.routes.all().find(one => one.prefix === prefix)
      if (!route) throw new Problem(404, 'no static route of this prefix')
      const username = store.accounts.get(route.account)?.username ?? ''
      return turns(username, async () => {
        await store.routes.remove(prefix)
        await forget(route, store)
        return { status: 204 }
      })
    },
  })

function refuseFile(prefix: string, ofFile: ReadonlySet<string>): void {
  if (ofFile.has(prefix)) throw new Problem(409, 'the configuration file manages this route')
}

/** Takes away the note that the route is the API's. */
async function forget({ prefix, account: id }: StaticRoute, store: Deps['store']): Promise<void> {
  const account = store.accounts.get(id)
  if (!account?.apiRoutes?.includes(prefix)) return
  await putAccount({ ...account, apiRoutes: account.apiRoutes.filter(other => other !== prefix) }, store)
}
