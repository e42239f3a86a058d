import type { AccountId, Asset } from '@ilp/service-core'
import type { PutAccountOutcome } from '../accounts.js'
import type { Link } from '../credentials.js'

/** Texts by key, as the backend keeps them. */
export type Texts = ReadonlyMap<string, string>

/** What the backend keeps of all that stores hold in memory. The mirror makes the texts, and alone reads them. */
export interface Tables {
  /** By the account's id. */
  readonly accounts: Texts
  /** By link and account, with a space in between: a JSON array of the hashes of incoming tokens. */
  readonly incoming: Texts
  /** By link and account, with a space in between: the encrypted outgoing token. */
  readonly outgoing: Texts
  /** What is known of the node itself: `address`, `rates`. */
  readonly node: Texts
  /** By prefix: the account's id. */
  readonly routes: Texts
}

/** Everything as of one moment. */
export interface Snapshot {
  readonly revision: number
  readonly tables: Tables
}

/** What a backend tells of its connection, and on it. None of these throws. */
export interface MirrorEvents {
  /** A change, told by whoever made it, in the order of revisions. */
  readonly told: (revision: number, change: string) => void
  /** The connection is there again. Nothing has been subscribed to on it. */
  readonly up: () => void
  readonly down: () => void
}

/** An account as the backend has to know it for its checks, and the text that it keeps of it. */
export interface AccountRecord {
  readonly id: AccountId
  readonly username: string
  readonly asset: Asset
  readonly text: string
}

/**
 * What a shared store's backend does for its mirror. Everything that promises rejects with a StoreError, within a
 * bounded time: ERR_STORE_UNAVAILABLE when the server doesn't answer.
 *
 * Changes are atomic with their checks. Each that changes anything counts the revision up by one in the same step, and
 * tells it to all subscribers with `change`, as it came. It resolves with that revision; with 0 when there was nothing
 * to change.
 */
export interface MirrorBackend {
  /** Opens the connection on which changes are told; it is made anew whenever it is lost. Rejects when the first attempt fails. */
  readonly connect: (events: MirrorEvents) => Promise<void>
  readonly isConnected: () => boolean
  /** Hears of every change that is made after it has resolved, as long as this connection lasts. May be called again. */
  readonly subscribe: () => Promise<unknown>
  /**
   * Resolves when what was told before has been heard, as far as anybody can know. A connection on which this isn't
   * answered is given up.
   */
  readonly ping: () => Promise<unknown>
  /** Checks that this program may use what is there, and reads it. */
  readonly readAll: () => Promise<Snapshot>

  /** Creates or replaces the account, unless one of the refusals applies. */
  readonly putAccount: (
    account: AccountRecord,
    change: string,
  ) => Promise<number | Exclude<PutAccountOutcome, 'stored'>>
  /** Removes it with its tokens, and retires its id. */
  readonly removeAccount: (account: AccountId, change: string) => Promise<number>
  /**
   * Replaces the account's hashes for this link, unless another account has one of `candidates` for any link: the
   * hashes under which these tokens may have been stored.
   */
  readonly setIncoming: (
    of: { readonly account: AccountId; readonly link: Link },
    hashes: readonly string[],
    candidates: readonly string[],
    change: string,
  ) => Promise<number | 'token-taken'>
  /** Replaces or removes one text. */
  readonly setText: (
    table: 'outgoing' | 'node' | 'routes',
    key: string,
    text: string | undefined,
    change: string,
  ) => Promise<number>
  /** Replaces `rates` of the node, a JSON object, unless the one that is there has an `asOfMs` that is as high or higher. */
  readonly setRates: (asOfMs: number, text: string, change: string) => Promise<number>
}

/** Where the tokens of an account for a link are. */
export const tokenKey = (link: Link, account: AccountId): string => `${link} ${account}`
