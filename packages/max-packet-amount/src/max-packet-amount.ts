import { type Account, amountTooLarge, type IncomingRequest, type Pass } from '@ilp/service-core'

export interface MaxPacketAmountAccount extends Account {
  /** The largest amount that a packet from this account may have, in its unit; undefined for any. */
  readonly maxPacketAmount?: bigint | undefined
}

export interface MaxPacketAmountDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
}

/**
 * Answers F08 to a packet that is larger than the account that it comes from may send. The reject's data holds the
 * amount received and the maximum, in that account's unit, from which senders work out what would pass (RFC 27).
 */
export function maxPacketAmount({
  address,
}: MaxPacketAmountDeps): Pass<IncomingRequest<MaxPacketAmountAccount>> {
  return inner => ({
    ready: inner.ready,
    call: request => {
      const maximum = request.from.maxPacketAmount
      const received = request.prepare.units
      if (maximum === undefined || received <= maximum) return inner.call(request)
      return Promise.resolve(
        amountTooLarge(address(), 'the amount is above the maximum of this account', received, maximum),
      )
    },
  })
}
