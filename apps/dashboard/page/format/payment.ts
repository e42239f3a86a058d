import type { Payment } from '../api/types.js'

/** Why a payment is over, in a few words. */
const ENDS: Readonly<Record<string, string>> = {
  completed: 'paid',
  cancelled: 'cancelled',
  failed: 'failed',
  declined: 'declined',
  timedOut: 'out of time',
  stalled: 'nothing gets through',
  rejected: 'rejected',
  rateTooLow: 'the rate is too low',
  receiverLimit: 'the receiver takes no more',
  receiverRefused: 'refused by the receiver',
  receiverClosed: 'closed by the receiver',
  protocolError: 'protocol error',
  amountTooSmall: 'the amount is too small',
  sourceLimit: 'would cost too much',
  unknownOutcome: 'some of it is unknown',
  packetsExhausted: 'too many packets',
  serviceFailed: 'an error of this node',
}

export const endText = (end: string | null): string => (end === null ? 'under way' : (ENDS[end] ?? end))

/** How much of the payment is done, from 0 to 1. */
export function doneShare({ amount, sent, delivered, end }: Payment): number {
  if (end === 'completed') return 1
  const [done, whole] =
    'source' in amount ? [BigInt(sent), BigInt(amount.source)] : [BigInt(delivered), BigInt(amount.delivery)]
  return whole === 0n ? 0 : Math.min(1, Number((done * 10_000n) / whole) / 10_000)
}
