import { isBelow, lessPpm, MinimumRate, type RateEstimate, sourceFor } from '@ilp/stream-path'
import type { Parts } from './parts.js'
import type { Payment, Quote } from './payment.js'
import { Plan } from './plan.js'

/** What a payment holds to from its quote on. */
export interface Terms {
  readonly quote: Quote
  readonly plan: Plan
  readonly minimum: MinimumRate
}

/**
 * The terms that follow from what was found out of the path; undefined when it gives less than the payment's minimum
 * rate.
 */
export function termsOf(
  { amount, minRate }: Pick<Payment, 'amount' | 'minRate'>,
  slippagePpm: number,
  estimate: RateEstimate,
  { ledger, limit, congestion, receiver }: Parts,
): Terms | undefined {
  if (minRate && !isBelow(minRate, estimate.high)) return undefined
  const slipped = lessPpm(estimate.low, slippagePpm)
  const rate = minRate && isBelow(slipped, minRate) ? minRate : slipped
  congestion.atLeast(sourceFor(estimate.low, 1n))
  const minimum = new MinimumRate(rate)
  const plan = new Plan(amount, { ledger, limit, congestion, receiver, estimate, minimum })
  const quote = {
    asset: receiver.asset,
    rate: estimate.low,
    minRate: rate,
    sourceMax: plan.sourceMax,
    packetMax: limit.max,
  }
  return { quote, plan, minimum }
}
