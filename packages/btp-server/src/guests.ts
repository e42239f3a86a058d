import type { BtpLink } from '@ilp/btp-pool'
import type { AccountId } from '@ilp/service-core'

interface Guest {
  readonly link: BtpLink
  readonly token: string
}

/** The sessions of clients, with the tokens that let them in: a session lasts no longer than its token is good. */
export class Guests {
  readonly #ownerOf: (token: string) => AccountId | undefined
  readonly #guests = new Map<AccountId, Set<Guest>>()

  constructor(ownerOf: (token: string) => AccountId | undefined) {
    this.#ownerOf = ownerOf
  }

  add(account: AccountId, link: BtpLink, token: string): void {
    const guests = this.#guests.get(account) ?? new Set()
    this.#guests.set(account, guests)
    const guest = { link, token }
    guests.add(guest)
    void link.closed.then(() => {
      guests.delete(guest)
      if (guests.size === 0 && this.#guests.get(account) === guests) this.#guests.delete(account)
    })
  }

  /** The account's tokens are others: closes the sessions whose token is none of them. */
  review(account: AccountId): void {
    for (const { link, token } of this.#guests.get(account) ?? []) {
      if (this.#ownerOf(token) !== account) link.close()
    }
  }
}
