import type { AccountId } from '@ilp/service-core'
import {
  type CredentialStore,
  type Link,
  type Secrets,
  type Tokens,
  TokenTable,
  tokenReader,
} from '@ilp/store-traits'
import type { Disk } from './disk.js'
import type { Change, Flusher } from './flusher.js'
import type { Handle } from './handle.js'
import { KIND, keyOf } from './keys.js'

const LINKS: readonly Link[] = ['btp', 'http']

/** The tokens in memory, and the way to the disk, where they are JSON. */
export class Credentials {
  readonly table = new TokenTable()

  load(disk: Disk): void {
    for (const [name, value] of disk.read(KIND.credentials)) {
      const link = LINKS.find(one => one[0] === name[0])
      if (link) this.table.set(name.slice(1) as AccountId, link, JSON.parse(value.toString()) as Tokens)
    }
  }

  async put(flusher: Flusher, account: AccountId, link: Link, change: Partial<Tokens>): Promise<void> {
    const tokens = { ...this.table.of(account, link), ...change }
    await flusher.write([{ ...this.#removal(account, link), value: encode(tokens) }])
    this.table.set(account, link, tokens)
    this.table.feed.announce({ account, link })
  }

  /** What takes an account's tokens off the disk. */
  removals(account: AccountId): readonly Change[] {
    return this.table.linksOf(account).map(link => this.#removal(account, link))
  }

  #removal(account: AccountId, link: Link): Change {
    const key = keyOf(KIND.credentials, `${link[0]}${account}`)
    return { key, value: undefined, former: encode(this.table.of(account, link)) }
  }
}

const encode = (tokens: Tokens): Buffer | undefined =>
  tokens.incoming.length === 0 && tokens.outgoing === undefined
    ? undefined
    : Buffer.from(JSON.stringify(tokens))

export function lmdbCredentials(handle: Handle, credentials: Credentials, secrets: Secrets): CredentialStore {
  const reader = tokenReader(credentials.table, secrets)
  return {
    authenticate: (link, token) => {
      handle.check()
      return reader.authenticate(link, token)
    },
    setIncomingTokens: (account, link, tokens) =>
      handle.change(async flusher => {
        const incoming = reader.hash(account, tokens)
        if (!incoming) return 'token-taken'
        await credentials.put(flusher, account, link, { incoming })
        return 'stored'
      }),
    outgoingToken: (account, link) => {
      handle.check()
      return reader.outgoingToken(account, link)
    },
    setOutgoingToken: (account, link, token) =>
      handle.change(flusher =>
        credentials.put(flusher, account, link, { outgoing: reader.seal(account, link, token) }),
      ),
    watch: handle.watch(credentials.table.feed),
  }
}
