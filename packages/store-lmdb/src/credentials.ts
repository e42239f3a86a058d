import type { AccountId } from '@ilp/service-core'
import type { CredentialStore, Link, Secrets } from '@ilp/store-traits'
import type { Disk } from './disk.js'
import type { Change, Flusher } from './flusher.js'
import type { Handle } from './handle.js'
import { KIND, keyOf } from './keys.js'

/** What is kept of an account's tokens for one link, none of it readable. On the disk it is JSON. */
interface Tokens {
  /** Hashes. */
  readonly incoming: readonly string[]
  /** Sealed. */
  readonly outgoing?: string | undefined
}

const NONE: Tokens = { incoming: [] }
const LINKS: readonly Link[] = ['btp', 'http']

/** The tokens in memory, and the way to the disk. */
export class Credentials {
  /** The account that a hash belongs to. */
  readonly owners: Readonly<Record<Link, Map<string, AccountId>>> = { btp: new Map(), http: new Map() }
  /** By the name of their row. */
  readonly #tokens = new Map<string, Tokens>()

  load(disk: Disk): void {
    for (const [name, value] of disk.read(KIND.credentials)) {
      const link = LINKS.find(one => one[0] === name[0])
      if (link) this.#set(name.slice(1) as AccountId, link, JSON.parse(value.toString()) as Tokens)
    }
  }

  of(account: AccountId, link: Link): Tokens {
    return this.#tokens.get(nameOf(account, link)) ?? NONE
  }

  /** Whether one of these hashes belongs, on any link, to another account. */
  isTaken(hashes: readonly string[], account: AccountId): boolean {
    return Object.values(this.owners).some(owners =>
      hashes.some(hash => (owners.get(hash) ?? account) !== account),
    )
  }

  async put(flusher: Flusher, account: AccountId, link: Link, change: Partial<Tokens>): Promise<void> {
    const tokens = { ...this.of(account, link), ...change }
    await flusher.write([{ ...this.#removal(account, link), value: encode(tokens) }])
    this.#set(account, link, tokens)
  }

  /** What takes an account's tokens off the disk. */
  removals(account: AccountId): readonly Change[] {
    return LINKS.map(link => this.#removal(account, link))
  }

  remove(account: AccountId): void {
    for (const link of LINKS) this.#set(account, link, NONE)
  }

  #set(account: AccountId, link: Link, tokens: Tokens): void {
    for (const hash of this.of(account, link).incoming) this.owners[link].delete(hash)
    for (const hash of tokens.incoming) this.owners[link].set(hash, account)
    if (encode(tokens)) this.#tokens.set(nameOf(account, link), tokens)
    else this.#tokens.delete(nameOf(account, link))
  }

  #removal(account: AccountId, link: Link): Change {
    const key = keyOf(KIND.credentials, nameOf(account, link))
    return { key, value: undefined, former: encode(this.of(account, link)) }
  }
}

const nameOf = (account: AccountId, link: Link): string => `${link[0]}${account}`

const encode = (tokens: Tokens): Buffer | undefined =>
  tokens.incoming.length === 0 && tokens.outgoing === undefined
    ? undefined
    : Buffer.from(JSON.stringify(tokens))

export function lmdbCredentials(handle: Handle, credentials: Credentials, secrets: Secrets): CredentialStore {
  const opened = new WeakMap<Tokens, string>()
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
    setIncomingTokens: (account, link, tokens) =>
      handle.change(async flusher => {
        if (credentials.isTaken(tokens.flatMap(secrets.tokenHashes), account)) return 'token-taken'
        await credentials.put(flusher, account, link, { incoming: tokens.map(secrets.hashToken) })
        return 'stored'
      }),
    outgoingToken: (account, link) => {
      handle.check()
      const tokens = credentials.of(account, link)
      if (tokens.outgoing === undefined) return undefined
      const token = opened.get(tokens) ?? secrets.open(tokens.outgoing, context(account, link))
      opened.set(tokens, token)
      return token
    },
    setOutgoingToken: (account, link, token) =>
      handle.change(flusher => {
        const outgoing = token === undefined ? undefined : secrets.seal(token, context(account, link))
        return credentials.put(flusher, account, link, { outgoing })
      }),
  }
}
