import type { Asset } from '@ilp/service-core'
import type { Rate } from '@ilp/stream-path'

/** Exactly this much leaves the sender, in its unit, 1..2^64-1, but for a rest that would not bring a unit. */
export interface FixedSource {
  readonly source: bigint
}

/** This much arrives, in the receiver's unit, 1..2^64-1. */
export interface FixedDelivery {
  readonly delivery: bigint
  /** The most that may leave the sender for it, in its unit. Without it the minimum rate is the limit. */
  readonly sourceMax?: bigint
}

/** What to pay to whom, and on which terms. */
export interface Payment {
  /** Where the receiver is, as its credentials say: SPSP's `destination_account`. */
  readonly destinationAddress: string
  /** Of this payment alone. Another payment needs other credentials: a sequence number must not come twice. */
  readonly sharedSecret: Uint8Array
  readonly amount: FixedSource | FixedDelivery
  /**
   * What has to arrive at least. Without it, only how much the rate may fall below the one found at first is limited:
   * enough among people who trust the path, not in a market.
   */
  readonly minRate?: Rate
  /** How far the rate may fall below the one found at first, in millionths, 0..999,999. Instead of the option. */
  readonly slippagePpm?: number
  /** No packet outlives this time, counted from now; without it a payment may take as long as it gets on. */
  readonly timeoutMs?: number
  /** Ends the payment: no more packets are sent, and those in flight are waited for. */
  readonly signal?: AbortSignal
  /** Asked once, before the first unit is sent; false ends the payment. What it throws does so too, and is logged. */
  readonly accept?: (quote: Quote) => boolean | Promise<boolean>
  /** Called after each packet that was fulfilled or refused. What it throws is logged. */
  readonly onProgress?: (progress: Progress) => void
}

/** What is known of the path before the first unit is sent. */
export interface Quote {
  /** The receiver's asset, if it tells. */
  readonly asset: Asset | undefined
  /** The rate found. */
  readonly rate: Rate
  /** The rate that will be held to. */
  readonly minRate: Rate
  /** The most that will leave the sender, in its unit. */
  readonly sourceMax: bigint
  /** The most that the path takes in one packet as far as is known, in the sender's unit. */
  readonly packetMax: bigint
}

/** A reject as it came from the path. */
export interface RejectInfo {
  readonly code: string
  readonly triggeredBy: string
  readonly message: string
}

/** How far a payment has come. Amounts sent are in the sender's unit, delivered ones in the receiver's. */
export interface Progress {
  /** In packets that were fulfilled. */
  readonly sent: bigint
  /** What the receiver says that it got of `sent`; where it says nothing, or less, what it must have got. */
  readonly delivered: bigint
  /** What the receiver must have got of `sent`, whatever it says: the minimums of the packets that it fulfilled. */
  readonly deliveredMin: bigint
  /** In packets that wait for their answer. */
  readonly inFlight: bigint
  /** The receipt with the largest total (RFC 39), if the receiver gives any: 58 octets for the verifier. */
  readonly receipt: Uint8Array | undefined
  /** The last refusal, if no money got through behind it. */
  readonly reject: RejectInfo | undefined
}

/** Why a payment ended. */
export type PaymentEnd =
  /** All of it is paid. With a fixed source, less than what brings one unit may be left. */
  | 'completed'
  /** By its signal. */
  | 'cancelled'
  /** By `accept`. */
  | 'declined'
  /** Its time was over. */
  | 'timedOut'
  /** For `stallMs` nothing got through; `reject` has the last refusal. */
  | 'stalled'
  /** The path refused a packet for good: `reject` says why. */
  | 'rejected'
  /** The path gives less than the minimum rate. */
  | 'rateTooLow'
  /** The receiver takes no more. */
  | 'receiverLimit'
  /** The receiver refused packets that it could have taken. */
  | 'receiverRefused'
  /** The receiver closed the stream or the connection. */
  | 'receiverClosed'
  /** The receiver, or the path, broke a rule of the protocol. */
  | 'protocolError'
  /** The amount is worth less than one unit of the receiver's. */
  | 'amountTooSmall'
  /** The delivery would cost more than may be sent. */
  | 'sourceLimit'
  /** All else is paid, but what became of some packets is unknown, and they are not paid twice. */
  | 'unknownOutcome'
  /** The connection has had its 2^31 packets. */
  | 'packetsExhausted'
  /** The sender's own service threw; the error is logged. */
  | 'serviceFailed'

/** What came of a payment. */
export interface PaymentResult extends Omit<Progress, 'inFlight'> {
  readonly end: PaymentEnd
  /** What of the sender's is in packets without an answer in time, or with one that proves nothing. It may be spent. */
  readonly unknown: bigint
  /** The last reject of a payment that was not completed; with `rejected`, the one that ended it. */
  readonly reject: RejectInfo | undefined
  /** Undefined when the path was not found out. */
  readonly quote: Quote | undefined
  /** Packets sent, probes included. */
  readonly packets: number
}
