import { type AccountId, hasPrefix, type IncomingRequest, type Pass, unreachable } from '@ilp/service-core'

/** Where accounts may send to. It is asked for each packet, so it answers from memory. */
export interface AllowListStore {
  /** The prefixes of the account; undefined where it may send anywhere. */
  readonly prefixesOf: (account: AccountId) => readonly string[] | undefined
}

export interface AllowListDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly lists: AllowListStore
}

/** Lets an account send to no address but those below its prefixes. Answers F02 for all others. */
export function allowList({ address, lists }: AllowListDeps): Pass<IncomingRequest> {
  return inner => ({
    ready: inner.ready,
    call: request => {
      const { destination } = request.prepare
      const prefixes = lists.prefixesOf(request.from.id)
      if (prefixes?.some(prefix => hasPrefix(destination, prefix)) ?? true) return inner.call(request)
      return Promise.resolve(unreachable(address(), 'this account may not send there'))
    },
  })
}
