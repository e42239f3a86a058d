import { UINT64_MAX } from '@ilp/oer'
import { Congestion, type Flight, PacketLimit } from '@ilp/stream-path'
import { Discovery } from './discovery.js'
import { Ledger } from './ledger.js'
import type { PaymentLoad } from './packets.js'
import type { Payment } from './payment.js'
import { Receiver } from './receiver.js'
import { Refusals } from './refusals.js'

/** What is known of one payment's path and receiver, and where its money is. */
export interface Parts {
  readonly flight: Flight<PaymentLoad>
  readonly ledger: Ledger
  readonly receiver: Receiver
  readonly limit: PacketLimit
  readonly discovery: Discovery
  readonly congestion: Congestion
  readonly refusals: Refusals
}

/** All that a payment begins with: nothing is known yet, and nothing sent. */
export function partsOf(
  payment: Payment,
  inFlightMax: number,
  flight: Flight<PaymentLoad>,
  { now, random }: { readonly now: () => number; readonly random: () => number },
): Parts {
  const ledger = new Ledger()
  const limit = new PacketLimit()
  const discovery = new Discovery(limit, payment)
  const amountLimit = 'source' in payment.amount ? payment.amount.source : UINT64_MAX
  const congestion = new Congestion(inFlightMax, amountLimit, random)
  const refusals = new Refusals({ limit, congestion, discovery, flight, now })
  return { flight, ledger, receiver: new Receiver(), limit, discovery, congestion, refusals }
}
