import type { AccountId } from '@ilp/service-core'
import type { CredentialChange, CredentialStore, Link } from '../credentials.js'
import { Feed } from '../feed.js'
import type { Secrets } from '../secrets.js'
import type { Subscriptions } from '../subscriptions.js'
import { type MirrorBackend, type Tables, tokenKey } from './backend.js'
import type { Copy } from './copy.js'
import type { Part } from './part.js'

const LINKS: readonly Link[] = ['btp', 'http']

/** An outgoing token as it is kept: an object of its own, by which a store remembers what it says. */
interface Sealed {
  readonly text: string
}

/** The tokens, none of them readable, as they are held in memory. */
export class Credentials implements Part {
  /** The account that a hash of a link belongs to. */
  readonly owners: Readonly<Record<Link, Map<string, AccountId>>> = { btp: new Map(), http: new Map() }
  readonly feed = new Feed<CredentialChange>()
  readonly #incoming = new Map<string, readonly string[]>()
  readonly #outgoing = new Map<string, Sealed>()

  load({ incoming, outgoing }: Tables): () => void {
    const changed = new Set<string>()
    const hashes = new Map([...incoming].map(([key, text]) => [key, JSON.parse(text) as readonly string[]]))
    for (const key of new Set([...this.#incoming.keys(), ...hashes.keys()])) {
      const [former = [], now = []] = [this.#incoming.get(key), hashes.get(key)]
      if (former.join() === now.join()) continue
      this.#setIncoming(key, now)
      changed.add(key)
    }
    // A hash may have gone from one account to another: who has it now comes last.
    for (const [key, now] of hashes) this.#own(key, now)
    for (const key of new Set([...this.#outgoing.keys(), ...outgoing.keys()])) {
      if (this.#outgoing.get(key)?.text === outgoing.get(key)) continue
      this.#setOutgoing(key, outgoing.get(key))
      changed.add(key)
    }
    return () => {
      for (const key of changed) this.#announce(key)
    }
  }

  apply([way, key, value]: readonly unknown[]): void {
    if (way === 'incoming') this.#setIncoming(key as string, value as readonly string[])
    else this.#setOutgoing(key as string, (value ?? undefined) as string | undefined)
    this.#announce(key as string)
  }

  outgoing(link: Link, account: AccountId): Sealed | undefined {
    return this.#outgoing.get(tokenKey(link, account))
  }

  /** Drops the account's tokens; returns what announces it. */
  remove(account: AccountId): () => void {
    const keys = LINKS.map(link => tokenKey(link, account)).filter(
      key => this.#incoming.has(key) || this.#outgoing.has(key),
    )
    for (const key of keys) {
      this.#setIncoming(key, [])
      this.#setOutgoing(key, undefined)
    }
    return () => {
      for (const key of keys) this.#announce(key)
    }
  }

  #setIncoming(key: string, hashes: readonly string[]): void {
    const owned = this.owners[linkOf(key)]
    for (const hash of this.#incoming.get(key) ?? []) owned.delete(hash)
    this.#own(key, hashes)
    if (hashes.length > 0) this.#incoming.set(key, hashes)
    else this.#incoming.delete(key)
  }

  #own(key: string, hashes: readonly string[]): void {
    for (const hash of hashes) this.owners[linkOf(key)].set(hash, accountOf(key))
  }

  #setOutgoing(key: string, text: string | undefined): void {
    if (text === undefined) this.#outgoing.delete(key)
    else this.#outgoing.set(key, { text })
  }

  #announce(key: string): void {
    this.feed.announce({ account: accountOf(key), link: linkOf(key) })
  }
}

const linkOf = (key: string): Link => (key.startsWith('btp ') ? 'btp' : 'http')
const accountOf = (key: string): AccountId => key.slice(key.indexOf(' ') + 1) as AccountId

export function mirroredCredentials(
  credentials: Credentials,
  secrets: Secrets,
  copy: Copy,
  backend: MirrorBackend,
  subscriptions: Subscriptions,
): CredentialStore {
  const opened = new WeakMap<Sealed, string>()
  const context = (account: AccountId, link: Link) => `${account}/${link}`
  return {
    authenticate: (link, token) => {
      copy.check()
      // Looked up by hash: the time that it takes says nothing of how close a wrong token came.
      for (const hash of secrets.tokenHashes(token)) {
        const owner = credentials.owners[link].get(hash)
        if (owner !== undefined) return owner
      }
      return undefined
    },
    setIncomingTokens: async (account, link, tokens) => {
      const hashes = [...new Set(tokens.map(secrets.hashToken))]
      const candidates = tokens.flatMap(secrets.tokenHashes)
      const refusal = await copy.change(
        ['credentials', 'incoming', tokenKey(link, account), hashes],
        (change: string) => backend.setIncoming({ account, link }, hashes, candidates, change),
      )
      return refusal ?? 'stored'
    },
    outgoingToken: (account, link) => {
      copy.check()
      const sealed = credentials.outgoing(link, account)
      if (!sealed) return undefined
      const token = opened.get(sealed) ?? secrets.open(sealed.text, context(account, link))
      opened.set(sealed, token)
      return token
    },
    setOutgoingToken: async (account, link, token) => {
      const key = tokenKey(link, account)
      const text = token === undefined ? undefined : secrets.seal(token, context(account, link))
      await copy.change(['credentials', 'outgoing', key, text], change =>
        backend.setText('outgoing', key, text, change),
      )
    },
    watch: subscriptions.watch(credentials.feed),
  }
}
