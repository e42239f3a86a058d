import type { AccountId } from '@ilp/service-core'

interface Known {
  readonly authorization: string
  readonly account: AccountId
  readonly untilMs: number
}

/**
 * The account that each connection authenticated as last: hashing a token takes as long as a tenth of the way of a
 * packet, and a connection has the same one in all its requests.
 */
export class KnownTokens {
  #known = new WeakMap<object, Known>()

  /** Whose connection it is, if it says the same as the last time. */
  account(connection: object, authorization: string): AccountId | undefined {
    const known = this.#known.get(connection)
    // A proxy may send the requests of several clients on one connection: none may learn of another's token.
    if (!known || !isSame(known.authorization, authorization)) return undefined
    return known.untilMs === Number.POSITIVE_INFINITY || Date.now() < known.untilMs
      ? known.account
      : undefined
  }

  /** @param untilMs milliseconds since 1970 */
  remember(
    connection: object,
    authorization: string,
    account: AccountId,
    untilMs = Number.POSITIVE_INFINITY,
  ): void {
    this.#known.set(connection, { authorization, account, untilMs })
  }

  /** When tokens have changed. */
  forget(): void {
    this.#known = new WeakMap()
  }
}

/** Takes the same time wherever they differ. */
function isSame(known: string, given: string): boolean {
  let difference = known.length ^ given.length
  for (let i = 0; i < given.length; i++)
    difference |= known.charCodeAt(i % known.length) ^ given.charCodeAt(i)
  return difference === 0
}
