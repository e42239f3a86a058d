import { createHmac, randomUUID } from 'node:crypto'
import { accountId } from '@ilp/service-core'
import { accountFromConfig, type ConnectorAccount, type Creation } from '../account.js'
import { certificateName, httpFaults } from '../config/http-link.js'
import { type AccountConfig, accountFaults } from '../config/schema.js'
import { checkTokens, setTokens } from './account-links.js'
import type { AdminDeps } from './deps.js'
import { conflict, Problem } from './problem.js'

export interface NewAccount {
  readonly settings: AccountConfig
  /** The request's idempotency key. */
  readonly key: string | undefined
}

type Deps = Pick<AdminDeps, 'config' | 'store' | 'secret'>

/**
 * Makes an account, or finds the one that the same request has made before. It takes part in nothing until all of it
 * is there: a repeat does what is left.
 * @throws Problem 409 for what can't be made; 422 for a key that another request has had
 */
export async function createAccount({ settings, key }: NewAccount, deps: Deps): Promise<ConnectorAccount> {
  const { store, secret } = deps
  const { accounts, credentials } = store
  const creation = key === undefined ? undefined : creationOf(key, settings, secret)
  const known = creation && accounts.all().find(account => account.creation?.key === creation.key)
  if (known && known.creation?.fingerprint !== creation.fingerprint) {
    throw new Problem(422, 'another request has had this idempotency key')
  }
  if (known?.creation?.isComplete) return known

  // The same request made of two processes at a time is for the same account.
  const id = settings.id ?? accountId(creation ? creation.key.slice(0, ID_LENGTH) : randomUUID())
  const account = { ...accountFromConfig({ ...settings, id }), origin: 'api', creation } as const
  if (!known && accounts.get(id)) throw new Problem(409, 'there is an account of this id')
  checkAccount(account, settings, deps)
  checkTokens(account, settings, credentials)
  // Without its links: nobody is to be dialled before there is a token to present.
  await putAccount({ ...account, isDisabled: true, http: undefined, btp: undefined }, store)
  try {
    await setTokens(account, settings, credentials)
  } catch (error) {
    // Somebody else has got one of the tokens in this moment.
    if (error instanceof Problem) await accounts.remove(id)
    throw error
  }
  const complete = { ...account, creation: creation && { ...creation, isComplete: true } }
  await putAccount(complete, store)
  return complete
}

const ID_LENGTH = 22

/** Hashed under the node's key, since tokens are part of what was asked for. */
function creationOf(key: string, settings: AccountConfig, secret: Uint8Array): Creation {
  const hash = (purpose: string, text: string) =>
    createHmac('sha256', secret).update(`${purpose} ${text}`).digest('hex')
  const text = JSON.stringify(settings, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
  return { key: hash('account key', key), fingerprint: hash('account', text), isComplete: false }
}

/** @throws Problem 400 for settings that don't go together; 409 for those that don't go with what is there */
export function checkAccount(account: ConnectorAccount, settings: AccountConfig, deps: Deps): void {
  const { config, store } = deps
  const ofHttp = httpFaults({ ...config, accounts: [settings] })
  const faults = [
    ...accountFaults(settings),
    ...ofHttp.map(({ path, message }) => ({ path: path.slice(2), message })),
  ]
  if (faults.length > 0) {
    const shown = faults.map(({ path, message }) => ({ path: path.join('.'), message }))
    throw new Problem(400, 'the settings do not go together', shown)
  }
  const others = store.accounts.all().filter(other => other.id !== account.id && !other.isDisabled)
  if (account.relation === 'parent' && others.some(({ relation }) => relation === 'parent')) {
    throw conflict('relation', 'there is a parent already')
  }
  const certificates = new Set(certificatesOf(account))
  if (certificates.size > 0 && others.flatMap(certificatesOf).some(name => certificates.has(name))) {
    throw new Problem(409, 'another account has one of the certificates')
  }
  const { loses } = store.properties()
  if (account.settlement && loses !== undefined && !config.allowVolatileSettlement) {
    throw new Problem(409, `nothing is settled on this store: it can lose ${loses}`)
  }
}

const certificatesOf = ({ http }: ConnectorAccount): readonly string[] =>
  http?.incomingCertificates?.map(certificateName) ?? []

/** @throws Problem 409 for what the store refuses */
export async function putAccount(
  account: ConnectorAccount,
  { accounts }: Pick<Deps['store'], 'accounts'>,
): Promise<void> {
  const outcome = await accounts.put(account)
  if (outcome === 'username-taken') throw conflict('username', 'another account has this username')
  if (outcome === 'asset-fixed') throw conflict('asset', "an account's asset never changes")
  if (outcome === 'id-retired')
    throw new Problem(409, 'the account of this id, or of this request, was deleted')
}
