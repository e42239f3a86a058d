import type { AccountId } from '@ilp/service-core'
import type { CredentialStore, Link, Secrets } from '@ilp/store-traits'
import type { Backend } from './backend.js'
import type { Keys } from './keys.js'
import { SET_FIELD, SET_INCOMING } from './lua/directory.js'
import type { Fields, Part } from './part.js'

const LINKS: readonly Link[] = ['btp', 'http']

/** An outgoing token as it is kept: an object of its own, by which a store remembers what it says. */
interface Sealed {
  readonly text: string
}

const field = (link: Link, account: AccountId) => `${link} ${account}`

/** The tokens, none of them readable, as they are held in memory. */
export class Credentials implements Part {
  readonly hashes: readonly string[]
  /** The account that a hash of a link belongs to. */
  readonly owners: Readonly<Record<Link, Map<string, AccountId>>> = { btp: new Map(), http: new Map() }
  readonly #incoming = new Map<string, readonly string[]>()
  readonly #outgoing = new Map<string, Sealed>()

  constructor({ incoming, outgoing }: Keys) {
    this.hashes = [incoming, outgoing]
  }

  load([incoming = new Map(), outgoing = new Map()]: readonly Fields[]): () => void {
    for (const link of LINKS) this.owners[link].clear()
    this.#incoming.clear()
    for (const [of, hashes] of incoming) {
      const [link, account] = of.split(' ') as [Link, AccountId]
      this.#setIncoming(link, account, JSON.parse(hashes))
    }
    for (const of of this.#outgoing.keys()) if (!outgoing.has(of)) this.#outgoing.delete(of)
    for (const [of, text] of outgoing)
      if (this.#outgoing.get(of)?.text !== text) this.#outgoing.set(of, { text })
    return () => {}
  }

  apply([way, link, account, value]: readonly unknown[]): void {
    if (way === 'incoming') this.#setIncoming(link as Link, account as AccountId, value as string[])
    else this.#setOutgoing(link as Link, account as AccountId, value as string | undefined)
  }

  outgoing(link: Link, account: AccountId): Sealed | undefined {
    return this.#outgoing.get(field(link, account))
  }

  remove(account: AccountId): void {
    for (const link of LINKS) {
      this.#setIncoming(link, account, [])
      this.#setOutgoing(link, account, undefined)
    }
  }

  #setIncoming(link: Link, account: AccountId, hashes: readonly string[]): void {
    const of = field(link, account)
    for (const hash of this.#incoming.get(of) ?? []) this.owners[link].delete(hash)
    for (const hash of hashes) this.owners[link].set(hash, account)
    if (hashes.length > 0) this.#incoming.set(of, hashes)
    else this.#incoming.delete(of)
  }

  #setOutgoing(link: Link, account: AccountId, text: string | undefined): void {
    if (text === undefined) this.#outgoing.delete(field(link, account))
    else this.#outgoing.set(field(link, account), { text })
  }
}

export function redisCredentials(
  backend: Backend,
  keys: Keys,
  credentials: Credentials,
  secrets: Secrets,
): CredentialStore {
  const opened = new WeakMap<Sealed, string>()
  const context = (account: AccountId, link: Link) => `${account}/${link}`
  return {
    authenticate: (link, token) => {
      backend.check()
      // Looked up by hash: the time that it takes says nothing of how close a wrong token came.
      for (const hash of secrets.tokenHashes(token)) {
        const owner = credentials.owners[link].get(hash)
        if (owner !== undefined) return owner
      }
      return undefined
    },
    setIncomingTokens: async (account, link, tokens) => {
      const hashes = tokens.map(secrets.hashToken)
      const all = tokens.flatMap(secrets.tokenHashes)
      const refusal = await backend.change(
        SET_INCOMING,
        [keys.incoming, keys.owners],
        [account, link, JSON.stringify(hashes), JSON.stringify(all)],
        ['credentials', 'incoming', link, account, hashes],
      )
      return refusal === 'token-taken' ? refusal : 'stored'
    },
    outgoingToken: (account, link) => {
      backend.check()
      const sealed = credentials.outgoing(link, account)
      if (!sealed) return undefined
      const token = opened.get(sealed) ?? secrets.open(sealed.text, context(account, link))
      opened.set(sealed, token)
      return token
    },
    setOutgoingToken: async (account, link, token) => {
      const value = token === undefined ? [] : [secrets.seal(token, context(account, link))]
      await backend.change(
        SET_FIELD,
        [keys.outgoing],
        [field(link, account), ...value],
        ['credentials', 'outgoing', link, account, ...value],
      )
    },
  }
}
