import type { AccountId } from '@ilp/service-core'
import type { BtpPool } from './pool.js'

export interface LinkWatcher {
  /** The account has got a session. */
  readonly linkUp?: (account: AccountId) => void
  /** The account has lost its last one. */
  readonly linkDown?: (account: AccountId) => void
}

/** The pool, which tells of the sessions that its accounts get and lose. */
export const announcingLinks = (pool: BtpPool, { linkUp, linkDown }: LinkWatcher): BtpPool => ({
  ...pool,
  add: (account, port) => {
    const link = pool.add(account, port)
    linkUp?.(account)
    void link.closed.then(() => {
      if (pool.count(account) === 0) linkDown?.(account)
    })
    return link
  },
})
