import { UINT64_MAX } from '@ilp/oer'
import {
  type Account,
  type IncomingRequest,
  isFulfill,
  type Logger,
  type Reject,
  type Reply,
  type Service,
} from '@ilp/service-core'
import { type Frame, PACKETS_MAX, type ReceivedStreamPacket } from '@ilp/stream-packet'
import { Alarm, nextTurn } from './alarm.js'
import { Congestion } from './congestion.js'
import { Discovery } from './discovery.js'
import { Exchange } from './exchange.js'
import { connectionClose, GREETING, MONEY, moneyBlocked } from './frames.js'
import { Ledger } from './ledger.js'
import { MinimumRate } from './minimum.js'
import { PacketLimit } from './packet-limit.js'
import { type Packet, Packets, type Purpose } from './packets.js'
import type { Payment, PaymentEnd, PaymentResult, Quote, RejectInfo } from './payment.js'
import { Plan } from './plan.js'
import { isBelow, lessPpm, sourceFor } from './rate.js'
import { Receiver } from './receiver.js'
import { causeOf, Refusals } from './refusals.js'

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

/** What is there from the quote on. */
interface Terms {
  readonly plan: Plan
  readonly minimum: MinimumRate
}

/**
 * One payment, from its first probe to its end. Whatever happens (an answer, a signal, the alarm) is booked first, and
 * followed by `#advance`, which sends what can be sent.
 */
export class Run<A extends Account> {
  readonly #deps: RunDeps<A>
  readonly #settings: RunSettings
  readonly #payment: Payment
  readonly #settle: (result: PaymentResult) => void
  readonly #packets: Packets
  readonly #exchange: Exchange<A>
  readonly #ledger = new Ledger()
  readonly #receiver = new Receiver()
  readonly #limit = new PacketLimit()
  readonly #discovery: Discovery
  readonly #congestion: Congestion
  readonly #refusals: Refusals
  readonly #alarm = new Alarm(() => this.#onAlarm())
  readonly #deadlineMs: number
  #phase: Phase = 'discovering'
  #end: PaymentEnd = 'completed'
  #quote: Quote | undefined
  #terms: Terms | undefined
  #reject: RejectInfo | undefined
  /** Whether the receiver has shown that it is there. */
  #met = false
  #lastProgressMs: number
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
    this.#packets = new Packets(payment.destinationAddress, payment.sharedSecret)
    this.#exchange = new Exchange(deps, this.#packets, {
      onReply: (packet, reply, words) => this.#onReply(packet, reply, words),
      onLost: packet => this.#onLost(packet),
      onThrow: (packet, error) => this.#onThrow(packet, error),
    })
    this.#discovery = new Discovery(this.#limit, payment)
    const amountLimit = 'source' in payment.amount ? payment.amount.source : UINT64_MAX
    this.#congestion = new Congestion(settings.inFlightMax, amountLimit, deps.random)
    this.#refusals = new Refusals({
      limit: this.#limit,
      congestion: this.#congestion,
      discovery: this.#discovery,
      ledger: this.#ledger,
      packets: this.#packets,
      now: deps.now,
    })
    this.#lastProgressMs = deps.now()
    this.#deadlineMs = this.#lastProgressMs + (payment.timeoutMs ?? Number.POSITIVE_INFINITY)
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
    this.#exchange.expire(nowMs)
    if (nowMs >= this.#stalledAtMs && nowMs < this.#deadlineMs) this.#finish('stalled')
    this.#advance()
  }

  #onReply(packet: Packet, reply: Reply, words: ReceivedStreamPacket | undefined): void {
    if (words) {
      this.#met = true
      this.#receiver.hear(words)
    }
    if (!isFulfill(reply)) this.#onReject(packet, reply, words)
    else if (packet.purpose !== 'probe' && reply.fulfills(packet.prepare)) this.#onFulfill(packet, words)
    else {
      // The path owes nothing for this, but it may have charged for it.
      this.#lose(packet)
      this.#finish('protocolError')
    }
    if (this.#receiver.violation !== undefined) this.#finish('protocolError')
    else if (this.#receiver.closed) this.#finish(this.#terms?.plan.reached ? 'completed' : 'receiverClosed')
    this.#advance()
  }

  #onLost(packet: Packet): void {
    this.#lose(packet)
    this.#refusals.backOff(packet.sequence)
  }

  #onThrow(packet: Packet, err: unknown): void {
    this.#deps.logger.error({ err, account: this.#deps.from.id }, 'a service threw instead of answering')
    this.#lose(packet)
    this.#finish('serviceFailed')
    this.#advance()
  }

  #onFulfill(packet: Packet, words: ReceivedStreamPacket | undefined): void {
    if (packet.purpose !== 'money') return
    const { amount, minimum } = packet
    // It can't have got less: that is what it fulfilled.
    const believed = words !== undefined && words.prepareAmount >= minimum
    const delivered = believed ? words.prepareAmount : minimum
    this.#ledger.fulfill(packet, delivered)
    this.#terms?.minimum.settle(amount, minimum, delivered)
    if (believed) this.#discovery.estimate?.observe(amount, delivered)
    this.#limit.passed(amount)
    this.#congestion.onFulfill(amount)
    this.#refusals.clear()
    this.#lastProgressMs = this.#deps.now()
    this.#tell()
  }

  #onReject(packet: Packet, reject: Reject, words: ReceivedStreamPacket | undefined): void {
    const { purpose, amount, minimum } = packet
    if (purpose === 'money') {
      this.#ledger.release(packet)
      this.#terms?.minimum.release(amount, minimum)
    } else if (!packet.lost) this.#ledger.release(packet)
    if (words) {
      this.#limit.passed(amount)
      if (purpose === 'probe') return this.#onProbed(amount, words.prepareAmount)
      if (amount > 0n) this.#discovery.estimate?.observe(amount, words.prepareAmount)
    }
    if (this.#phase === 'discovering' || this.#phase === 'paying') {
      const { code, triggeredBy, message } = reject
      this.#reject = { code, triggeredBy, message }
    }
    const cause = causeOf(reject, packet, words, this.#receiver.room)
    const end = this.#refusals.answer(cause, packet, reject.data, this.#terms?.minimum.rate)
    if (end) this.#finish(end)
  }

  #onProbed(amount: bigint, delivered: bigint): void {
    this.#refusals.clear()
    this.#lastProgressMs = this.#deps.now()
    if (!this.#discovery.observe(amount, delivered)) this.#finish('amountTooSmall')
  }

  /** A probe can't have been paid, whatever became of it. */
  #lose(packet: Packet): void {
    if (packet.lost) return
    if (packet.purpose === 'money') this.#ledger.lose(packet)
    else this.#ledger.release(packet)
    packet.lost = true
  }

  // What follows.

  #advance(): void {
    if (this.#deps.now() >= this.#deadlineMs) this.#finish('timedOut')
    if (this.#phase === 'discovering') this.#discover()
    if (this.#phase === 'paying') this.#pay()
    if (this.#phase === 'ending' && this.#exchange.size === 0) this.#close()
    if (this.#phase === 'closing' && this.#exchange.size === 0) this.#leave()
    if (this.#phase !== 'over') this.#arm()
  }

  /** Sends the next probe, or makes the quote. */
  #discover(): void {
    if (this.#exchange.size > 0 || this.#isPaused) return
    const amount = this.#discovery.next(this.#congestion.amountMax)
    if (amount !== undefined) {
      this.#send('probe', amount, 0n, 0n, GREETING)
      return
    }
    this.#limit.settle()
    const { estimate } = this.#discovery
    if (!estimate) return this.#finish('rejected')
    const { minRate, amount: asked } = this.#payment
    if (minRate && !isBelow(minRate, estimate.high)) return this.#finish('rateTooLow')
    const slipped = lessPpm(estimate.low, this.#settings.slippagePpm)
    const rate = minRate && isBelow(slipped, minRate) ? minRate : slipped
    const [limit, congestion, receiver, ledger] = [
      this.#limit,
      this.#congestion,
      this.#receiver,
      this.#ledger,
    ]
    congestion.atLeast(sourceFor(estimate.low, 1n))
    const minimum = new MinimumRate(rate)
    const plan = new Plan(asked, { ledger, limit, congestion, receiver, estimate, minimum })
    const { sourceMax } = plan
    const quote = {
      asset: receiver.asset,
      rate: estimate.low,
      minRate: rate,
      sourceMax,
      packetMax: limit.max,
    }
    this.#terms = { plan, minimum }
    this.#quote = quote
    this.#phase = 'asking'
    void this.#ask(quote)
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
    this.#lastProgressMs = this.#deps.now()
    if (accepted) this.#phase = 'paying'
    else this.#finish('declined')
    this.#advance()
  }

  /** Sends as much as may be in flight. */
  #pay(): void {
    if (!this.#terms) return
    const { plan, minimum } = this.#terms
    while (this.#exchange.size < this.#congestion.window && this.#burst < BURST_MAX && !this.#isPaused) {
      const amount = plan.next()
      if (amount === 0n) {
        if (this.#exchange.size === 0) this.#settleUp(plan)
        return
      }
      // The last one is kept for closing the connection.
      if (this.#packets.last >= PACKETS_MAX - 1) return this.#finish('packetsExhausted')
      const least = minimum.of(amount)
      minimum.hold(amount, least)
      this.#send('money', amount, least, plan.most(amount), MONEY)
    }
  }

  /** Nothing is in flight, and nothing can be sent: says why. */
  #settleUp(plan: Plan): void {
    const { sent, unknown } = this.#ledger
    if (plan.reached) this.#finish('completed')
    else if (plan.blocked) this.#poll(plan)
    else if (unknown > 0n) this.#finish('unknownOutcome')
    else if (plan.left === 0n) this.#finish('sourceLimit')
    else this.#finish(sent > 0n && 'source' in this.#payment.amount ? 'completed' : 'amountTooSmall')
  }

  /** Asks whether the receiver takes more by now. */
  #poll(plan: Plan): void {
    this.#send('control', 0n, 0n, 0n, [moneyBlocked(plan.sourceMax, this.#ledger.sent)])
    const end = this.#refusals.strike('receiverLimit', this.#packets.last)
    if (end) this.#finish(end)
  }

  #send(purpose: Purpose, amount: bigint, minimum: bigint, most: bigint, frames: readonly Frame[]): void {
    const nowMs = this.#deps.now()
    const timeoutMs = this.#phase === 'closing' ? CLOSE_MS_MAX : Number.POSITIVE_INFINITY
    const expiresAtMs = nowMs + Math.min(timeoutMs, this.#settings.packetTimeoutMs)
    const endsAtMs = this.#phase === 'closing' ? expiresAtMs : this.#deadlineMs
    const packet = this.#exchange.send({
      purpose,
      amount,
      minimum,
      most,
      frames,
      expiresAtMs: Math.min(expiresAtMs, endsAtMs),
    })
    this.#ledger.hold(packet)
    this.#burst += 1
    if (this.#burst === BURST_MAX) nextTurn(this.#onTurn)
  }

  #finish(end: PaymentEnd): void {
    if (this.#phase === 'ending' || this.#phase === 'closing' || this.#phase === 'over') return
    this.#end = end
    this.#phase = 'ending'
  }

  /** Tells the receiver, if it is there and wants to know, that this was all. */
  #close(): void {
    this.#phase = 'closing'
    const { closed, violation } = this.#receiver
    if (!this.#met || closed || this.#end === 'serviceFailed') return
    this.#send('control', 0n, 0n, 0n, [connectionClose(violation)])
  }

  #leave(): void {
    this.#phase = 'over'
    this.#exchange.end()
    this.#alarm.clear()
    this.#payment.signal?.removeEventListener('abort', this.#onAbort)
    const { sent, delivered, deliveredMin, unknown } = this.#ledger
    this.#settle({
      end: this.#end,
      sent,
      delivered,
      deliveredMin,
      unknown,
      receipt: this.#receiver.receipt,
      reject: this.#end === 'completed' ? undefined : this.#reject,
      quote: this.#quote,
      packets: this.#packets.last,
    })
  }

  #tell(): void {
    const { onProgress } = this.#payment
    if (!onProgress) return
    const { sent, delivered, deliveredMin, inFlight } = this.#ledger
    try {
      onProgress({ sent, delivered, deliveredMin, inFlight, receipt: this.#receiver.receipt })
    } catch (err) {
      this.#deps.logger.error({ err }, 'onProgress failed')
    }
  }

  get #isPaused(): boolean {
    const { pausedUntilMs } = this.#congestion
    return pausedUntilMs > 0 && pausedUntilMs > this.#deps.now()
  }

  get #stalledAtMs(): number {
    const waits = this.#phase === 'discovering' || this.#phase === 'paying'
    return waits ? this.#lastProgressMs + this.#settings.stallMs : Number.POSITIVE_INFINITY
  }

  /** Sets the alarm for what comes first. */
  #arm(): void {
    const nowMs = this.#deps.now()
    let dueMs = Math.min(this.#exchange.lostAtMs, this.#stalledAtMs)
    if (this.#phase !== 'ending' && this.#phase !== 'closing') dueMs = Math.min(dueMs, this.#deadlineMs)
    const { pausedUntilMs } = this.#congestion
    if (pausedUntilMs > nowMs) dueMs = Math.min(dueMs, pausedUntilMs)
    this.#alarm.set(dueMs, nowMs)
  }
}
