import type { BtpPool } from '@ilp/btp-pool'
import type { AccountId } from '@ilp/service-core'

/** The pool, which tells `linkUp` of each account that it has got a session of. */
export const announcingLinks = (pool: BtpPool, linkUp: (account: AccountId) => void): BtpPool => ({
  ...pool,
  add: (account, port) => {
    const link = pool.add(account, port)
    linkUp(account)
    return link
  },
})
