import type { Load, Sent } from '@ilp/stream-path'

/** What a packet of a payment is for. `money` is meant to be fulfilled; `control` carries frames and no money. */
export type Purpose = 'probe' | 'money' | 'control'

export interface PaymentLoad extends Load {
  readonly purpose: Purpose
  /** What is expected to arrive at most. */
  readonly most: bigint
}

/** A packet that was sent. */
export type Packet = Sent<PaymentLoad>
