import { UINT64_MAX } from '@ilp/oer'
import {
  type Account,
  type IncomingRequest,
  isAddress,
  type Logger,
  type Service,
  silentLogger,
} from '@ilp/service-core'
import type { Payment, PaymentResult } from './payment.js'
import { Run } from './run.js'

const PPM = 1_000_000

export interface StreamSenderDeps<A extends Account = Account> {
  /** Where packets go: usually the head of a node's chain of incoming packets. */
  readonly service: Pick<Service<IncomingRequest<A>>, 'call'>
  /** Whose money it is: the account that the packets come from. */
  readonly from: A
  /** Gets what `accept`, `onProgress` or the service throw, and nothing that a peer could cause. */
  readonly logger?: Logger
  /** Milliseconds since 1970; `Date.now` unless given. */
  readonly now?: () => number
  /** From 0 to 1, to spread retries; `Math.random` unless given. */
  readonly random?: () => number
}

export interface StreamSenderOptions {
  /** How far the rate may fall below the one found at first, in millionths, unless the payment says. */
  readonly slippagePpm?: number
  /** How long a packet may take. */
  readonly packetTimeoutMs?: number
  /** A payment ends when nothing got through for so long. */
  readonly stallMs?: number
  /** Packets in flight at a time, of one payment. */
  readonly inFlightMax?: number
}

export const STREAM_SENDER_DEFAULTS: Required<StreamSenderOptions> = {
  slippagePpm: 10_000,
  packetTimeoutMs: 30_000,
  stallMs: 60_000,
  inFlightMax: 1_000,
}

/** Pays STREAM receivers. */
export interface StreamSender {
  /**
   * Makes one payment, and settles with what came of it, however it ended. Neither the receiver nor the path makes it
   * throw; it takes at most `timeoutMs`, and a few seconds to see its last packets settled and the connection closed.
   *
   * - What is sent and what is in flight, or unknown, together never pass the amount; a fixed delivery never costs
   *   more than `sourceMax`, nor more than it would at the minimum rate (and one unit of the receiver's).
   * - Whichever packets are fulfilled, the receiver has got the minimum rate of what was sent, but for one unit of its
   *   own.
   * - A fixed delivery passes the amount by no more than one unit of the sender's is worth, unless the rate rises
   *   while packets are in flight.
   *
   * @throws RangeError for a payment whose amount, rate or address is out of range
   */
  readonly pay: (payment: Payment) => Promise<PaymentResult>
}

/** @throws RangeError for an option out of its range */
export function streamSender<A extends Account>(
  deps: StreamSenderDeps<A>,
  options: StreamSenderOptions = {},
): StreamSender {
  const settings = validate({ ...STREAM_SENDER_DEFAULTS, ...options })
  const { service, from, logger = silentLogger, now = Date.now, random = Math.random } = deps
  return {
    pay: async payment => {
      validatePayment(payment)
      const { slippagePpm = settings.slippagePpm } = payment
      const running = { service, from, logger, now, random }
      return new Promise(resolve => {
        new Run(running, { ...settings, slippagePpm }, payment, resolve).start()
      })
    },
  }
}

function validate(options: Required<StreamSenderOptions>): Required<StreamSenderOptions> {
  expectWhole('slippagePpm', options.slippagePpm, 0, PPM - 1)
  expectWhole('packetTimeoutMs', options.packetTimeoutMs, 1)
  expectWhole('stallMs', options.stallMs, 1)
  expectWhole('inFlightMax', options.inFlightMax, 1)
  return options
}

function validatePayment({ destinationAddress, amount, minRate, slippagePpm, timeoutMs }: Payment): void {
  if (!isAddress(destinationAddress)) throw new RangeError('destinationAddress is not an ILP address')
  if ('source' in amount) expectUnits('source', amount.source)
  else {
    expectUnits('delivery', amount.delivery)
    if (amount.sourceMax !== undefined) expectUnits('sourceMax', amount.sourceMax)
  }
  if (minRate && !(minRate.delivered >= 0n && minRate.sent > 0n))
    throw new RangeError('minRate is not a rate')
  if (slippagePpm !== undefined) expectWhole('slippagePpm', slippagePpm, 0, PPM - 1)
  if (timeoutMs !== undefined) expectWhole('timeoutMs', timeoutMs, 1)
}

function expectWhole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${name} is ${value}, not a whole number from ${least} to ${most}`)
}

function expectUnits(name: string, units: bigint): void {
  if (units < 1n || units > UINT64_MAX) throw new RangeError(`${name} is ${units}, not in 1..2^64-1`)
}
