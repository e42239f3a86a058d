import type { AccountStore, AccountTable, StoredAccount, TokenTable } from '@ilp/store-traits'
import type { Handle } from './handle.js'

export function memoryAccounts<A extends StoredAccount>(
  handle: Handle,
  accounts: AccountTable<A>,
  tokens: TokenTable,
): AccountStore<A> {
  return {
    get: id => {
      handle.check()
      return accounts.get(id)
    },
    byUsername: username => {
      handle.check()
      return accounts.byUsername(username)
    },
    all: () => {
      handle.check()
      return accounts.all()
    },
    put: async given => {
      handle.check()
      const account = frozen(structuredClone(given))
      const outcome = accounts.judge(account)
      if (outcome === 'stored') {
        accounts.set(account)
        accounts.feed.announce({ id: account.id, account })
      }
      return outcome
    },
    remove: async id => {
      handle.check()
      if (!accounts.get(id)) return
      accounts.retire(id)
      const announceTokens = tokens.remove(id)
      announceTokens()
      accounts.feed.announce({ id, account: undefined })
    },
    watch: handle.watch(accounts.feed),
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
