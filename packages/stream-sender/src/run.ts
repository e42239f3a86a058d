import {
  type Account,
  type IncomingRequest,
  isFulfill,
  type Logger,
  type Reject,
  type Reply,
  type Service,
} from '@ilp/service-core'
import { type Frame, PACKETS_MAX, type ReceivedStreamPacket, StreamKeys } from '@ilp/stream-packet'
import { Alarm, Flight, nextTurn } from '@ilp/stream-path'
import { Bookings } from './bookings.js'
import { connectionClose, GREETING, MONEY, moneyBlocked } from './frames.js'
import type { Packet, PaymentLoad, Purpose } from './packets.js'
import { type Parts, partsOf } from './parts.js'
import type { Payment, PaymentEnd, PaymentResult, Quote, RejectInfo } from './payment.js'
import type { Plan } from './plan.js'
import { type Terms, termsOf } from './quote.js'

/** What the last packet, which closes the connection, is given. */
const CLOSE_MS_MAX = 2_000
/** Packets sent in one turn of the event loop, which belongs to others as well. */
const BURST_MAX = 64

export interface RunDeps<A extends Account> {
  readonly service: Pick<Service<IncomingRequest<A>>, 'call'>
  readonly from: A
  readonly logger: Logger
  readonly now: () => number
  readonly random: () => number
}

export interface RunSettings {
  readonly slippagePpm: number
  readonly packetTimeoutMs: number
  readonly stallMs: number
  readonly inFlightMax: number
}

type Phase = 'discovering' | 'asking' | 'paying' | 'ending' | 'closing' | 'over'

/**
 * One payment, from its first probe to its end. Whatever happens (an answer, a signal, the alarm) is booked first, and
 * followed by `#advance`, which sends what can be sent.
 */
export class Run<A extends Account> {
  readonly #deps: RunDeps<A>
  readonly #settings: RunSettings
  readonly #payment: Payment
  readonly #settle: (result: PaymentResult) => void
  readonly #parts: Parts
  readonly #bookings: Bookings
  readonly #flight: Flight<PaymentLoad>
  readonly #alarm = new Alarm(globalThis, () => this.#onAlarm())
  readonly #deadlineMs: number
  #phase: Phase = 'discovering'
  #end: PaymentEnd = 'completed'
  #terms: Terms | undefined
  #reject: RejectInfo | undefined
  /** Whether nothing got through behind the last reject. */
  #isHeldUp = false
  /** Whether the receiver has shown that it is there. */
  #met = false
  #burst = 0

  constructor(
    deps: RunDeps<A>,
    settings: RunSettings,
    payment: Payment,
    settle: (result: PaymentResult) => void,
  ) {
    this.#deps = deps
    this.#settings = settings
    this.#payment = payment
    this.#settle = settle
    const keys = new StreamKeys(payment.sharedSecret)
    this.#flight = new Flight({
      keys,
      encrypt: packet => keys.encrypt(packet),
      send: prepare => deps.service.call({ from: deps.from, prepare }),
      onReply: (packet, reply, words) => this.#onReply(packet, reply, words),
      onLost: packet => this.#onLost(packet),
      onThrow: (packet, error) => this.#onThrow(packet, error),
    })
    this.#parts = partsOf(payment, settings.inFlightMax, this.#flight, deps)
    this.#bookings = new Bookings(this.#parts, deps.now)
    this.#deadlineMs = this.#bookings.lastProgressMs + (payment.timeoutMs ?? Number.POSITIVE_INFINITY)
  }

  start(): void {
    const { signal } = this.#payment
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted) this.#finish('cancelled')
    this.#advance()
  }

  // What happens.

  readonly #onAbort = (): void => {
    this.#finish('cancelled')
    this.#advance()
  }

  readonly #onTurn = (): void => {
    this.#burst = 0
    this.#advance()
  }

  #onAlarm(): void {
    const nowMs = this.#deps.now()
    this.#flight.expire(nowMs)
    if (nowMs >= this.#stalledAtMs && nowMs < this.#deadlineMs) this.#finish('stalled')
    this.#advance()
  }

  #onReply(packet: Packet, reply: Reply, words: ReceivedStreamPacket | undefined): void {
    if (this.#phase === 'over') return
    const { receiver } = this.#parts
    if (words) {
      this.#met = true
      receiver.hear(words)
    }
    if (!isFulfill(reply)) this.#onReject(packet, reply, words)
    else if (packet.fulfillment && reply.fulfillment.equals(packet.fulfillment))
      this.#onFulfill(packet, words)
    else {
      // The path owes nothing for this, but it may have charged for it.
      this.#bookings.lost(packet)
      this.#finish('protocolError')
    }
    if (receiver.violation !== undefined) this.#finish('protocolError')
    else if (receiver.closed) this.#finish(this.#terms?.plan.reached ? 'completed' : 'receiverClosed')
    this.#advance()
  }

  #onFulfill(packet: Packet, words: ReceivedStreamPacket | undefined): void {
    if (packet.purpose !== 'money') return
    this.#bookings.fulfilled(packet, words, this.#terms?.minimum)
    this.#isHeldUp = false
    this.#tell()
  }

  #onReject(packet: Packet, reject: Reject, words: ReceivedStreamPacket | undefined): void {
    const end = this.#bookings.rejected(packet, reject, words, this.#terms?.minimum)
    const isProbed = packet.purpose === 'probe' && words !== undefined
    if (!isProbed && (this.#phase === 'discovering' || this.#phase === 'paying')) {
      const { code, triggeredBy, message } = reject
      this.#reject = { code, triggeredBy, message }
      this.#isHeldUp = true
      this.#tell()
    }
    if (end) this.#finish(end)
  }

  #onLost(packet: Packet): void {
    this.#bookings.lost(packet)
    this.#parts.refusals.backOff(packet.sequence)
  }

  #onThrow(packet: Packet, err: unknown): void {
    this.#deps.logger.error({ err, account: this.#deps.from.id }, 'a service threw instead of answering')
    this.#bookings.lost(packet)
    this.#finish('serviceFailed')
    this.#advance()
  }

  // What follows.

  #advance(): void {
    if (this.#deps.now() >= this.#deadlineMs) this.#finish('timedOut')
    if (this.#phase === 'discovering') this.#discover()
    if (this.#phase === 'paying') this.#pay()
    if (this.#phase === 'ending' && this.#flight.size === 0) this.#close()
    if (this.#phase === 'closing' && this.#flight.size === 0) this.#leave()
    if (this.#phase !== 'over') this.#arm()
  }

  /** Sends the next probe, or makes the quote. */
  #discover(): void {
    if (this.#flight.size > 0 || this.#isPaused) return
    const { discovery, congestion, limit } = this.#parts
    const amount = discovery.next(congestion.amountMax)
    if (amount !== undefined) {
      this.#send('probe', amount, 0n, 0n, GREETING)
      return
    }
    limit.settle()
    if (!discovery.estimate) return this.#finish('rejected')
    this.#terms = termsOf(this.#payment, this.#settings.slippagePpm, discovery.estimate, this.#parts)
    if (!this.#terms) return this.#finish('rateTooLow')
    this.#phase = 'asking'
    void this.#ask(this.#terms.quote)
  }

  async #ask(quote: Quote): Promise<void> {
    let accepted = true
    try {
      accepted = (await this.#payment.accept?.(quote)) ?? true
    } catch (err) {
      this.#deps.logger.error({ err }, 'accept failed')
      accepted = false
    }
    if (this.#phase !== 'asking') return
    this.#bookings.lastProgressMs = this.#deps.now()
    if (accepted) this.#phase = 'paying'
    else this.#finish('declined')
    this.#advance()
  }

  /** Sends as much as may be in flight. */
  #pay(): void {
    if (!this.#terms) return
    const { plan, minimum } = this.#terms
    const { congestion, limit } = this.#parts
    while (this.#flight.size < congestion.window && this.#burst < BURST_MAX && !this.#isPaused) {
      const amount = plan.next()
      if (amount === 0n) {
        if (this.#flight.size > 0) return
        return plan.end ? this.#finish(plan.end) : this.#poll(plan)
      }
      // The last one is kept for closing the connection.
      if (this.#flight.last >= PACKETS_MAX - 1) return this.#finish('packetsExhausted')
      const least = minimum.of(amount)
      minimum.hold(amount, least)
      limit.sent(amount)
      this.#send('money', amount, least, plan.most(amount), MONEY)
    }
  }

  /** Asks whether the receiver takes more by now. */
  #poll(plan: Plan): void {
    this.#send('control', 0n, 0n, 0n, [moneyBlocked(plan.sourceMax, this.#parts.ledger.sent)])
    const end = this.#parts.refusals.strike('receiverLimit', this.#flight.last)
    if (end) this.#finish(end)
  }

  #send(purpose: Purpose, amount: bigint, minimum: bigint, most: bigint, frames: readonly Frame[]): void {
    const { packetTimeoutMs } = this.#settings
    const { destinationAddress: destination } = this.#payment
    const nowMs = this.#deps.now()
    const expiresAtMs =
      this.#phase === 'closing'
        ? nowMs + Math.min(CLOSE_MS_MAX, packetTimeoutMs)
        : Math.min(nowMs + packetTimeoutMs, this.#deadlineMs)
    const packet = this.#flight.send({ purpose, destination, amount, minimum, most, frames, expiresAtMs })
    this.#parts.ledger.hold(packet)
    this.#burst += 1
    if (this.#burst === BURST_MAX) nextTurn(globalThis, this.#onTurn)
  }

  #finish(end: PaymentEnd): void {
    if (this.#phase === 'ending' || this.#phase === 'closing' || this.#phase === 'over') return
    this.#end = end
    this.#phase = 'ending'
  }

  /** Tells the receiver, if it is there and wants to know, that this was all. */
  #close(): void {
    this.#phase = 'closing'
    const { closed, violation } = this.#parts.receiver
    if (!this.#met || closed || this.#end === 'serviceFailed') return
    this.#send('control', 0n, 0n, 0n, [connectionClose(violation)])
  }

  #leave(): void {
    this.#phase = 'over'
    this.#alarm.clear()
    this.#payment.signal?.removeEventListener('abort', this.#onAbort)
    const { sent, delivered, deliveredMin, unknown } = this.#parts.ledger
    this.#settle({
      end: this.#end,
      sent,
      delivered,
      deliveredMin,
      unknown,
      receipt: this.#parts.receiver.stream.receipt,
      reject: this.#end === 'completed' ? undefined : this.#reject,
      quote: this.#terms?.quote,
      packets: this.#flight.last,
    })
  }

  #tell(): void {
    const { onProgress } = this.#payment
    if (!onProgress) return
    const { sent, delivered, deliveredMin, inFlight } = this.#parts.ledger
    const { receipt } = this.#parts.receiver.stream
    const reject = this.#isHeldUp ? this.#reject : undefined
    try {
      onProgress({ sent, delivered, deliveredMin, inFlight, receipt, reject })
    } catch (err) {
      this.#deps.logger.error({ err }, 'onProgress failed')
    }
  }

  get #isPaused(): boolean {
    const { pausedUntilMs } = this.#parts.congestion
    return pausedUntilMs > 0 && pausedUntilMs > this.#deps.now()
  }

  get #stalledAtMs(): number {
    const waits = this.#phase === 'discovering' || this.#phase === 'paying'
    return waits ? this.#bookings.lastProgressMs + this.#settings.stallMs : Number.POSITIVE_INFINITY
  }

  /** Sets the alarm for what comes first. */
  #arm(): void {
    const nowMs = this.#deps.now()
    let dueMs = Math.min(this.#flight.lostAtMs, this.#stalledAtMs)
    if (this.#phase !== 'ending' && this.#phase !== 'closing') dueMs = Math.min(dueMs, this.#deadlineMs)
    const { pausedUntilMs } = this.#parts.congestion
    if (pausedUntilMs > nowMs) dueMs = Math.min(dueMs, pausedUntilMs)
    this.#alarm.set(dueMs, nowMs)
  }
}
