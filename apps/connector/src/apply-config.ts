import type { Link, Store } from '@ilp/store-traits'
import { accountFromConfig, type ConnectorAccount } from './account.js'
import { ConfigError } from './config/load.js'
import type { AccountConfig, Config } from './config/schema.js'

type Stores = Pick<Store<ConnectorAccount>, 'accounts' | 'address' | 'credentials' | 'routes'>

const LINKS: readonly Link[] = ['http', 'btp']

/**
 * Brings the address, the accounts and the routes of the configuration into the store. What a former configuration
 * brought there and this one doesn't have is disabled: accounts keep nothing but their balance, routes go. What the
 * admin API has made stays as it is.
 * @throws ConfigError for an account that the store refuses
 */
export async function applyConfig(config: Config, stores: Stores): Promise<void> {
  const configured = config.accounts.map(accountFromConfig)
  const ids = new Set(configured.map(({ id }) => id))
  for (const account of stores.accounts.all()) {
    if (!ids.has(account.id) && account.origin !== 'api') await disable(account, stores)
  }
  for (const [index, account] of configured.entries()) {
    const refused = await applyAccount(account, config.accounts[index] as AccountConfig, stores)
    if (refused) throw new ConfigError(`accounts[${index}]: ${refused}`)
  }
  if (config.ilpAddress !== undefined) await stores.address.set(config.ilpAddress)
  await applyRoutes(config, stores)
}

async function disable(account: ConnectorAccount, { accounts, credentials }: Stores): Promise<void> {
  for (const link of LINKS) {
    await credentials.setIncomingTokens(account.id, link, [])
    await credentials.setOutgoingToken(account.id, link, undefined)
  }
  await accounts.put({ ...account, isDisabled: true, http: undefined, btp: undefined })
}

/** Returns what the store has against the account. */
async function applyAccount(
  account: ConnectorAccount,
  settings: AccountConfig,
  { accounts, credentials }: Stores,
): Promise<string | undefined> {
  const { apiRoutes } = accounts.get(account.id) ?? {}
  const outcome = await accounts.put({ ...account, origin: 'file', apiRoutes })
  if (outcome === 'username-taken') return 'another account of the store has this username'
  if (outcome === 'asset-fixed') return 'the account exists with another asset, which can never be changed'
  if (outcome === 'id-retired') return 'an account with this id was removed, and ids are never used again'
  for (const link of LINKS) {
    const tokens = settings[link]?.incomingTokens ?? []
    for (const token of tokens) await takeFromOthers(account, token, { accounts, credentials })
    const stored = await credentials.setIncomingTokens(account.id, link, tokens)
    if (stored === 'token-taken') return `another account of the store has one of the ${link} tokens`
    await credentials.setOutgoingToken(account.id, link, settings[link]?.outgoing?.token)
  }
  return undefined
}

/** A token may have belonged to an account that has others now, and is yet to get them. */
async function takeFromOthers(
  { id }: ConnectorAccount,
  token: string,
  { accounts, credentials }: Pick<Stores, 'accounts' | 'credentials'>,
): Promise<void> {
  for (const link of LINKS) {
    const owner = credentials.authenticate(link, token)
    if (owner === undefined || owner === id || accounts.get(owner)?.origin === 'api') continue
    await credentials.setIncomingTokens(owner, link, [])
  }
}

async function applyRoutes(config: Config, { accounts, routes }: Stores): Promise<void> {
  const prefixes = new Set(config.routes.map(({ prefix }) => prefix))
  for (const { prefix, account } of routes.all()) {
    const isOfApi = accounts.get(account)?.apiRoutes?.includes(prefix) ?? false
    if (!prefixes.has(prefix) && !isOfApi) await routes.remove(prefix)
  }
  for (const { prefix, account } of config.routes) {
    const next = accounts.byUsername(account)
    if (next) await routes.put({ prefix, account: next.id })
  }
}
