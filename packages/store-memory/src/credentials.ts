import type { AccountId } from '@ilp/service-core'
import {
  type CredentialStore,
  type Link,
  type Secrets,
  type Tokens,
  type TokenTable,
  tokenReader,
} from '@ilp/store-traits'
import type { Handle } from './handle.js'

export function memoryCredentials(handle: Handle, table: TokenTable, secrets: Secrets): CredentialStore {
  const reader = tokenReader(table, secrets)
  const change = (account: AccountId, link: Link, to: Partial<Tokens>) => {
    table.set(account, link, { ...table.of(account, link), ...to })
    table.feed.announce({ account, link })
  }
  return {
    authenticate: (link, token) => {
      handle.check()
      return reader.authenticate(link, token)
    },
    setIncomingTokens: async (account, link, tokens) => {
      handle.check()
      const incoming = reader.hash(account, tokens)
      if (!incoming) return 'token-taken'
      change(account, link, { incoming })
      return 'stored'
    },
    outgoingToken: (account, link) => {
      handle.check()
      return reader.outgoingToken(account, link)
    },
    setOutgoingToken: async (account, link, token) => {
      handle.check()
      change(account, link, { outgoing: reader.seal(account, link, token) })
    },
    watch: handle.watch(table.feed),
  }
}
