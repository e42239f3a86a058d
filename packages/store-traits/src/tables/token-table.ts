import type { AccountId } from '@ilp/service-core'
import type { CredentialChange, CredentialStore, Link } from '../credentials.js'
import { Feed } from '../feed.js'
import type { Secrets } from '../secrets.js'

/** What is kept of an account's tokens for one link, none of it readable. */
export interface Tokens {
  /** Hashes. */
  readonly incoming: readonly string[]
  /** Sealed. */
  readonly outgoing?: string | undefined
}

const LINKS: readonly Link[] = ['btp', 'http']
const NONE: Tokens = { incoming: [] }

/** Tokens in memory, as a store that serves one process looks them up and checks them. It announces nothing by itself. */
export class TokenTable {
  readonly feed = new Feed<CredentialChange>()
  /** The account that a hash belongs to. Shown to whoever dumps the table, as a test does that looks for tokens. */
  private readonly owners: Readonly<Record<Link, Map<string, AccountId>>> = {
    btp: new Map(),
    http: new Map(),
  }
  private readonly tokens: Readonly<Record<Link, Map<AccountId, Tokens>>> = {
    btp: new Map(),
    http: new Map(),
  }

  /** The tokens of an account for a link: the same object until they are others. */
  of(account: AccountId, link: Link): Tokens {
    return this.tokens[link].get(account) ?? NONE
  }

  /** The links that an account has tokens for. */
  linksOf(account: AccountId): readonly Link[] {
    return LINKS.filter(link => this.tokens[link].has(account))
  }

  ownerOf(link: Link, hash: string): AccountId | undefined {
    return this.owners[link].get(hash)
  }

  /** Whether one of these hashes belongs, on any link, to another account. */
  isTaken(hashes: readonly string[], account: AccountId): boolean {
    return LINKS.some(link => hashes.some(hash => (this.ownerOf(link, hash) ?? account) !== account))
  }

  set(account: AccountId, link: Link, tokens: Tokens): void {
    for (const hash of this.of(account, link).incoming) this.owners[link].delete(hash)
    for (const hash of tokens.incoming) this.owners[link].set(hash, account)
    if (tokens.incoming.length > 0 || tokens.outgoing !== undefined) this.tokens[link].set(account, tokens)
    else this.tokens[link].delete(account)
  }

  /** Removes all tokens of an account; returns what announces it. */
  remove(account: AccountId): () => void {
    const links = this.linksOf(account)
    for (const link of links) this.set(account, link, NONE)
    return () => {
      for (const link of links) this.feed.announce({ account, link })
    }
  }
}

/** How one store reads and makes what is in its table of tokens. */
export interface TokenReader extends Pick<CredentialStore, 'authenticate' | 'outgoingToken'> {
  /** What is kept of incoming tokens; undefined where another account has one of them. */
  readonly hash: (account: AccountId, tokens: readonly string[]) => readonly string[] | undefined
  /** What is kept of an outgoing token. */
  readonly seal: (account: AccountId, link: Link, token: string | undefined) => string | undefined
}

export function tokenReader(table: TokenTable, secrets: Secrets): TokenReader {
  const opened = new WeakMap<Tokens, string>()
  const context = (account: AccountId, link: Link) => `${account}/${link}`
  return {
    authenticate: (link, token) => {
      // Looked up by hash: the time that it takes says nothing of how close a wrong token came.
      for (const hash of secrets.tokenHashes(token)) {
        const owner = table.ownerOf(link, hash)
        if (owner !== undefined) return owner
      }
      return undefined
    },
    outgoingToken: (account, link) => {
      const tokens = table.of(account, link)
      if (tokens.outgoing === undefined) return undefined
      const token = opened.get(tokens) ?? secrets.open(tokens.outgoing, context(account, link))
      opened.set(tokens, token)
      return token
    },
    hash: (account, tokens) =>
      table.isTaken(tokens.flatMap(secrets.tokenHashes), account) ? undefined : tokens.map(secrets.hashToken),
    seal: (account, link, token) =>
      token === undefined ? undefined : secrets.seal(token, context(account, link)),
  }
}
