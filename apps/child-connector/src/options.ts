import type { Asset, Disposable, IncomingRequest, Logger, Service } from '@ilp/service-core'
import type { Journal, Store } from '@ilp/store-traits'
import type { Credentials, MoneyReceived, ReceiptSetup } from '@ilp/stream-receiver'
import type { ChildAccount } from './accounts.js'

export interface ChildOptions {
  readonly parent: {
    /** Its BTP server, `ws:` or `wss:`. */
    readonly url: string
    /** What it has given to this node. */
    readonly token: string
    /** The balance that packets from the parent must not go below: minus what it may owe this node. 0 unless set. */
    readonly minBalance?: bigint
  }
  /** What the parent counts in with this node, and all accounts here as well. */
  readonly asset: Asset
  /** This node's own accounts. Each has the address of the node and its username, and a STREAM receiver there. */
  readonly accounts: readonly {
    /** 1 to 64 letters, digits, `_`, `~`, `-`; not `parent` or `self`. */
    readonly username: string
    /** What programs present at `listen` to send from the account. */
    readonly tokens?: readonly string[]
  }[]
  /** Where programs of this machine send packets and query SPSP; omitted, there is no port at all. */
  readonly listen?: { readonly host: string; readonly port: number }
  /** 64 hexadecimal digits. Credentials that were issued stay good as long as it and the address stay the same. */
  readonly secretSeed: string
}

export interface ChildDeps {
  readonly logger: Logger
  /** Keeps the balances; in memory unless given. It belongs to this node, which starts and stops it. */
  readonly books?: Pick<Store, 'ledger' | 'start' | 'stop'>
  /** Where bookings wait that `books` could not take in time; without one they are logged. */
  readonly journal?: Journal
  /** Told of money when it has come to an account of this node; see `streamReceiver`. */
  readonly onMoney?: (money: MoneyReceived) => void
}

export interface ChildConnector extends Disposable {
  /** This node's ILP address; undefined until the parent has told it. */
  readonly address: () => string | undefined
  /** Resolves with the address as soon as the parent has told it. It may be another one later. */
  readonly learned: Promise<string>
  /** Takes packets of this node's accounts: what a sender, such as `streamSender`, sends through. */
  readonly service: Service<IncomingRequest<ChildAccount>>
  /** @throws RangeError when there is no such account */
  readonly account: (username: string) => ChildAccount
  /** New credentials for whoever pays the account; undefined while the address isn't known. */
  readonly credentials: (username: string, receipts?: ReceiptSetup) => Credentials | undefined
  /** Where local programs reach it, once it has started; undefined without `listen`. */
  readonly url: () => string | undefined
}
