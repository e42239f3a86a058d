import type { OutgoingRequest } from '@ilp/service-core'
import type { ReceiptSetup, SpspReceiver } from '@ilp/spsp-server'
import type { AccountStore } from '@ilp/store-traits'
import type { Receiver, StreamCredentials } from '@ilp/stream-receiver'
import { addressOf, type ConnectorAccount } from './account.js'
import type { Config } from './config/schema.js'

/** The receiver that a packet is for: the local account that it was routed to. */
export const receiverOf =
  (nodeAddress: () => string) =>
  ({ to }: OutgoingRequest<ConnectorAccount>): Receiver | undefined => {
    if (to.relation !== 'local') return undefined
    const address = addressOf(to, nodeAddress() || undefined)
    return address === undefined ? undefined : { address, asset: to.asset }
  }

export interface CredentialsForDeps {
  readonly accounts: Pick<AccountStore<ConnectorAccount>, 'byUsername'>
  readonly address: () => string
  readonly streams: Pick<StreamCredentials, 'issue'>
}

/** Issues the credentials that an SPSP query asks for: of a local account, or of the default receiver. */
export const credentialsFor =
  ({ defaultReceiver }: Config, { accounts, address, streams }: CredentialsForDeps) =>
  (username = defaultReceiver, receipts?: ReceiptSetup): SpspReceiver | undefined => {
    const account = username === undefined ? undefined : accounts.byUsername(username)
    if (account?.relation !== 'local' || account.isDisabled) return undefined
    const own = addressOf(account, address() || undefined)
    return own === undefined ? undefined : streams.issue(own, receipts && { receipts })
  }
