import { type Limits, leasedLimits, localLimits } from '@ilp/rate-limit'
import type { Logger } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'

/**
 * Where packets and amounts are counted: in the store where other processes of this node may use it as well, which it
 * says of itself once it has started, before the first packet; otherwise here.
 */
export function rateLimits(
  { rateLimits, properties }: Pick<Store, 'rateLimits' | 'properties'>,
  logger: Logger,
): Limits {
  const [leased, local] = [leasedLimits({ store: rateLimits, logger }), localLimits()]
  return {
    meter: (direction, account, limit) =>
      (properties().shared ? leased : local).meter(direction, account, limit),
  }
}
