import { z } from 'zod'
import { accountFromConfig, type ConnectorAccount } from '../account.js'
import { accountSettings } from '../config/schema.js'
import { checkAccount, createAccount, putAccount } from './account-creation.js'
import { deleteAccount } from './account-deletion.js'
import { checkTokens, type LinkTokens, setTokens } from './account-links.js'
import { accountOf, changeableAccount } from './account-of.js'
import { accountChangeSchema, shownAccount, shownAccountSchema } from './account-view.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { malformed, Problem } from './problem.js'
import type { Turns } from './turns.js'
import { PAGED, page, pageQuery } from './values.js'

type Deps = Pick<AdminDeps, 'config' | 'store' | 'secret' | 'logger'>

const WAIT_MS_MAX = 30_000

/** A switch in a query. */
const flag = z.enum(['true', 'false']).optional()

const pathOf = ({ username }: ConnectorAccount) => `/accounts/${encodeURIComponent(username)}`

export const accountEndpoints = (deps: Deps, turns: Turns): readonly Endpoint[] => [
  listed(deps),
  created(deps, turns),
  read(deps),
  changed(deps, turns),
  deleted(deps, turns),
]

const listed = ({ store }: Deps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/accounts',
    summary: 'All accounts by username, or those that the query asks for',
    query: z.strictObject({
      ...pageQuery,
      relation: accountSettings.shape.relation.optional(),
      assetCode: z.string().optional(),
      origin: shownAccountSchema.shape.origin.optional(),
      isDisabled: flag,
    }),
    answers: { 200: { description: PAGED, schema: z.array(shownAccountSchema) } },
    handle: ({ query }) => {
      const { relation, assetCode, origin, isDisabled } = query
      const found = store.accounts
        .all()
        .filter(
          account =>
            (relation === undefined || account.relation === relation) &&
            (assetCode === undefined || account.asset.code === assetCode) &&
            (origin === undefined || (account.origin ?? 'file') === origin) &&
            (isDisabled === undefined || String(account.isDisabled ?? false) === isDisabled),
        )
      const { entries, headers } = page('/accounts', found, ({ username }) => username, query)
      return { status: 200, body: entries.map(shownAccount), headers }
    },
  })

const created = (deps: Deps, turns: Turns): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/accounts',
    summary: 'Makes an account; written as in the configuration file',
    body: accountSettings,
    idempotencyKey: 'optional',
    answers: { 201: { description: 'the account', schema: shownAccountSchema } },
    problems: [409, 422],
    handle: async ({ body: settings, key }) => {
      const account = await turns('creation', () => createAccount({ settings, key }, deps))
      return { status: 201, body: shownAccount(account), headers: { location: pathOf(account) } }
    },
  })

const read = ({ store }: Deps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/accounts/{username}',
    summary: 'An account',
    answers: { 200: { description: 'the account', schema: shownAccountSchema } },
    problems: [404],
    handle: ({ params }) => ({ status: 200, body: shownAccount(accountOf(store, params)) }),
  })

const changed = (deps: Deps, turns: Turns): Endpoint =>
  endpoint({
    method: 'PATCH',
    path: '/accounts/{username}',
    summary: 'Changes settings of an account that the API has made',
    body: accountChangeSchema,
    answers: { 200: { description: 'the account as it is now', schema: shownAccountSchema } },
    problems: [404, 409],
    handle: ({ params, raw }) =>
      turns(params.username ?? '', async () => {
        const account = changeableAccount(deps.store, params)
        const next = await change(account, raw as Record<string, unknown>, deps)
        return { status: 200, body: shownAccount(next) }
      }),
  })

/** @param changes have been found to be in the right form, each by itself */
async function change(
  account: ConnectorAccount,
  { isDisabled = account.isDisabled, ...changes }: Readonly<Record<string, unknown>>,
  deps: Deps,
): Promise<ConnectorAccount> {
  const { store } = deps
  const { origin: _, isDisabled: __, ...settings } = shownAccount(account)
  const wanted = Object.entries({ ...settings, ...changes }).filter(([, value]) => value !== null)
  const result = accountSettings.safeParse(Object.fromEntries(wanted))
  if (!result.success) throw malformed('changed account', result.error)
  const next: ConnectorAccount = {
    ...account,
    ...accountFromConfig(result.data),
    isDisabled: isDisabled === true,
  }
  const tokens = changes as LinkTokens
  checkAccount(next, result.data, deps)
  checkTokens(next, tokens, store.credentials)
  await setTokens(next, tokens, store.credentials)
  await putAccount(next, store)
  return next
}

const deleted = (deps: Deps, turns: Turns): Endpoint =>
  endpoint({
    method: 'DELETE',
    path: '/accounts/{username}',
    summary: 'Disables an account, waits for its packets in flight, and deletes it',
    query: z.strictObject({
      waitMs: z.coerce.number().int().min(0).max(WAIT_MS_MAX).default(5_000),
      writeOff: z.string().min(1).max(1_000).optional().meta({
        description: 'why what is left of the balance is written off; without it, only zero is deleted',
      }),
    }),
    answers: { 204: { description: 'it is gone' } },
    problems: [404, 409],
    handle: ({ params, query: { waitMs, writeOff } }) =>
      turns(params.username ?? '', async () => {
        const account = accountOf(deps.store, params)
        if (account.origin !== 'api' && !account.isDisabled) {
          throw new Problem(409, 'the configuration file manages this account')
        }
        await deleteAccount(account, { waitMs, writeOff }, deps)
        return { status: 204 }
      }),
  })
