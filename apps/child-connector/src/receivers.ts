import type { OutgoingRequest } from '@ilp/service-core'
import type { AccountStore } from '@ilp/store-traits'
import type { Credentials, ReceiptSetup, Receiver, StreamCredentials } from '@ilp/stream-receiver'
import type { ChildAccount } from './accounts.js'

export interface ReceiversDeps {
  readonly accounts: Pick<AccountStore<ChildAccount>, 'byUsername'>
  /** The address of an account that receives; undefined while this node has none. */
  readonly addressOf: (account: ChildAccount) => string | undefined
  readonly streams: Pick<StreamCredentials, 'issue'>
}

/** This node's accounts as STREAM receivers. */
export function receivers({ accounts, addressOf, streams }: ReceiversDeps) {
  const of = (account: ChildAccount | undefined): Receiver | undefined => {
    const address = account && addressOf(account)
    return account && address !== undefined ? { address, asset: account.asset } : undefined
  }
  return {
    /** The one that a packet is for. */
    receiverOf: ({ to }: OutgoingRequest<ChildAccount>) => of(to),
    /** New credentials for whoever pays the account. */
    issue: (username: string, receipts?: ReceiptSetup): Credentials | undefined => {
      const receiver = of(accounts.byUsername(username))
      return receiver && streams.issue(receiver.address, receipts && { receipts })
    },
  }
}
