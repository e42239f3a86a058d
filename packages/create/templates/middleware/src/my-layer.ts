import { type Account, badRequest, type IncomingRequest, type Pass } from '@ilp/service-core'

/** What this layer reads of an account. */
export interface MyLayerAccount extends Account {
  /** The smallest amount that a packet from this account may have, in its unit; the option's where it is undefined. */
  readonly minPacketAmount?: bigint | undefined
}

export interface MyLayerDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
}

export interface MyLayerOptions {
  /** The smallest amount of a packet from an account that has none of its own. */
  readonly minPacketAmount: bigint
}

export const MY_LAYER_DEFAULTS: MyLayerOptions = { minPacketAmount: 1n }

/**
 * Answers F00 to a packet below the minimum of the account that it comes from. Packets of amount 0 move no money, and
 * pass: peers configure each other with them.
 * @throws RangeError when the option is negative
 */
export function myLayer(
  { address }: MyLayerDeps,
  options: Partial<MyLayerOptions> = {},
): Pass<IncomingRequest<MyLayerAccount>> {
  const { minPacketAmount } = { ...MY_LAYER_DEFAULTS, ...options }
  if (minPacketAmount < 0n) throw new RangeError(`minPacketAmount is ${minPacketAmount}, below 0`)
  return inner => ({
    ready: inner.ready,
    call: request => {
      const minimum = request.from.minPacketAmount ?? minPacketAmount
      const { units } = request.prepare
      if (units === 0n || units >= minimum) return inner.call(request)
      return Promise.resolve(badRequest(address(), `the amount is below ${minimum}`))
    },
  })
}
