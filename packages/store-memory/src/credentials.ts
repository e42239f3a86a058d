import type { AccountId } from '@ilp/service-core'
import type { CredentialStore, Link, Secrets } from '@ilp/store-traits'
import type { Handle } from './handle.js'

/** An outgoing token as it is kept: an object of its own, by which a store remembers what it says. */
interface Sealed {
  readonly text: string
}

/** What a backend keeps of an account's tokens for one link. */
class Tokens {
  /** Hashes. */
  incoming: readonly string[] = []
  outgoing: Sealed | undefined
}

type OfLinks<T> = Readonly<Record<Link, T>>

/** What a backend keeps of tokens, none of it readable. */
export class Credentials {
  /** The account that a hash belongs to. */
  readonly owners: OfLinks<Map<string, AccountId>> = { btp: new Map(), http: new Map() }
  readonly #tokens = new Map<AccountId, OfLinks<Tokens>>()

  of(account: AccountId, link: Link): Tokens | undefined {
    return this.#tokens.get(account)?.[link]
  }

  /** The same, for writing. */
  for(account: AccountId, link: Link): Tokens {
    const tokens = this.#tokens.get(account) ?? { btp: new Tokens(), http: new Tokens() }
    this.#tokens.set(account, tokens)
    return tokens[link]
  }

  /** Whether one of these hashes belongs, on any link, to another account. */
  isTaken(hashes: readonly string[], account: AccountId): boolean {
    return Object.values(this.owners).some(owners =>
      hashes.some(hash => (owners.get(hash) ?? account) !== account),
    )
  }

  setIncoming(account: AccountId, link: Link, hashes: readonly string[]): void {
    const tokens = this.for(account, link)
    for (const hash of tokens.incoming) this.owners[link].delete(hash)
    for (const hash of hashes) this.owners[link].set(hash, account)
    tokens.incoming = hashes
  }

  remove(account: AccountId): void {
    this.setIncoming(account, 'btp', [])
    this.setIncoming(account, 'http', [])
    this.#tokens.delete(account)
  }
}

export function memoryCredentials(
  handle: Handle,
  credentials: Credentials,
  secrets: Secrets,
): CredentialStore {
  const opened = new WeakMap<Sealed, string>()
  const context = (account: AccountId, link: Link) => `${account}/${link}`
  return {
    authenticate: (link, token) => {
      handle.check()
      // Looked up by hash: the time that it takes says nothing of how close a wrong token came.
      for (const hash of secrets.tokenHashes(token)) {
        const owner = credentials.owners[link].get(hash)
        if (owner !== undefined) return owner
      }
      return undefined
    },
    setIncomingTokens: async (account, link, tokens) => {
      handle.check()
      if (credentials.isTaken(tokens.flatMap(secrets.tokenHashes), account)) return 'token-taken'
      credentials.setIncoming(account, link, tokens.map(secrets.hashToken))
      return 'stored'
    },
    outgoingToken: (account, link) => {
      handle.check()
      const sealed = credentials.of(account, link)?.outgoing
      if (!sealed) return undefined
      const token = opened.get(sealed) ?? secrets.open(sealed.text, context(account, link))
      opened.set(sealed, token)
      return token
    },
    setOutgoingToken: async (account, link, token) => {
      handle.check()
      credentials.for(account, link).outgoing =
        token === undefined ? undefined : { text: secrets.seal(token, context(account, link)) }
    },
  }
}
