import type { AccountId } from '@ilp/service-core'
import type { Watch } from './watch.js'

/** The kind of link that a token is good for. */
export type Link = 'btp' | 'http'

/** Tokens of an account for a link are others now. */
export interface CredentialChange {
  readonly account: AccountId
  readonly link: Link
}

/**
 * Tokens of accounts. Incoming ones are kept as keyed hashes, outgoing ones encrypted (`Secrets`): neither can be
 * read from a dump of the backend. Lookups take the same time for any wrong token.
 */
export interface CredentialStore {
  /** The account whose incoming token for this link this is. */
  readonly authenticate: (link: Link, token: string) => AccountId | undefined
  /**
   * Replaces the account's incoming tokens for this link. A token belongs to one account: when another one has one of
   * these, nothing changes.
   */
  readonly setIncomingTokens: (
    account: AccountId,
    link: Link,
    tokens: readonly string[],
  ) => Promise<'stored' | 'token-taken'>
  /** The token to present to the peer. */
  readonly outgoingToken: (account: AccountId, link: Link) => string | undefined
  /** Replaces it; undefined removes it. */
  readonly setOutgoingToken: (account: AccountId, link: Link, token: string | undefined) => Promise<void>
  /** Tells of incoming and outgoing tokens alike, also of those that went with their account. */
  readonly watch: Watch<CredentialChange>
}
