import { type IncomingRequest, type Lifecycle, type Service, sequence } from '@ilp/service-core'
import { createSpspClient } from '@ilp/spsp-client'
import type { ConnectorAccount } from './account.js'
import { createAdmin } from './admin/admin.js'
import type { AdminDeps } from './admin/deps.js'
import { createPaymentBook } from './admin/payment-book.js'
import type { Config } from './config/schema.js'
import { deriveKey } from './secrets.js'

export interface AdminFaceDeps extends Omit<AdminDeps, 'config' | 'payments' | 'secret'> {
  /** The head of the chain, which payments go through. */
  readonly service: Pick<Service<IncomingRequest<ConnectorAccount>>, 'call'>
}

export interface AdminFace extends Partial<Lifecycle> {
  /** Where it listens, once it has started; undefined where the configuration has no `adminListen`. */
  readonly url: () => string | undefined
}

/** The operator's listener, and the payments that are made there. */
export function adminFace(config: Config, deps: AdminFaceDeps): AdminFace {
  const { adminListen, adminToken: token, secretSeed } = config
  if (!adminListen || token === undefined) return { url: () => undefined }
  const secret = deriveKey(secretSeed, 'admin API')
  const { accounts, adjustments } = deps.store
  const spsp = createSpspClient({}, config.payments)
  const payments = createPaymentBook({ ...deps, spsp, accounts, adjustments, secret })
  const admin = createAdmin({ ...deps, config, payments, secret }, { ...adminListen, token })
  return { ...sequence([payments, admin]), url: admin.url }
}
