import { setTimeout as sleep } from 'node:timers/promises'
import { Fulfill, isFulfill, type Prepare, Reject, type Reply } from '@ilp/service-core'
import { BtpPeer, type OnPrepare } from './btp-peer.js'
import type { Packets } from './packets.js'
import { Random } from './random.js'
import { WINDOW } from './topology.js'

/** A process that an endpoint connects to, whenever it runs. */
export interface Target {
  /** Resolves with where it takes BTP. */
  readonly ready: () => Promise<{ readonly url: string }>
}

const RECONNECT_MS = 20
/** How long a sender waits behind a packet's expiry. */
const GRACE_MS = 300
/** A connector that rejects at once is not asked again at once. */
const REJECTED_PAUSE_MS = [10, 80] as const

/** A connection to a connector that comes back by itself. */
class Connection {
  peer: BtpPeer | undefined
  readonly #target: Target
  readonly #token: string
  readonly #onPrepare: OnPrepare
  #isClosed = false
  #opened: (() => void)[] = []

  constructor(target: Target, token: string, onPrepare: OnPrepare) {
    this.#target = target
    this.#token = token
    this.#onPrepare = onPrepare
    void this.#keep()
  }

  async open(): Promise<BtpPeer | undefined> {
    if (!this.peer && !this.#isClosed) await new Promise<void>(resolve => this.#opened.push(resolve))
    return this.peer
  }

  close(): void {
    this.#isClosed = true
    this.peer?.cut()
    this.#go()
  }

  async #keep(): Promise<void> {
    while (!this.#isClosed) {
      const { url } = await this.#target.ready()
      this.peer = this.#isClosed ? undefined : await BtpPeer.open(url, this.#token, this.#onPrepare)
      if (this.#isClosed) this.peer?.cut()
      if (this.peer) {
        this.#go()
        await this.peer.closed
        this.peer = undefined
      }
      await sleep(RECONNECT_MS)
    }
  }

  #go(): void {
    for (const resolve of this.#opened.splice(0)) resolve()
  }
}

/** Sends the packets of a lane, a few at a time, and notes what it hears of each. */
export class Sender {
  readonly #lane: number
  readonly #packets: Packets
  readonly #random: Random
  readonly #connection: Connection
  #isSending = false
  #slots: Promise<void>[] = []

  constructor(lane: number, seed: string, packets: Packets, target: Target, token: string) {
    this.#lane = lane
    this.#packets = packets
    this.#random = new Random(`${seed} sender ${lane}`)
    this.#connection = new Connection(target, token, () => {})
  }

  start(): void {
    this.#isSending = true
    this.#slots = Array.from({ length: WINDOW }, () => this.#send())
  }

  /** Sends no more; resolves when each packet has an answer, or none is to come. */
  async pause(): Promise<void> {
    this.#isSending = false
    await Promise.all(this.#slots)
  }

  cut(): void {
    this.#connection.peer?.cut()
  }

  close(): void {
    this.#connection.close()
  }

  async #send(): Promise<void> {
    while (this.#isSending) {
      const peer = await Promise.race([this.#connection.open(), sleep(GRACE_MS)])
      if (!peer || !this.#isSending) continue
      const { packet, prepare } = this.#packets.make(this.#lane, this.#random)
      const answered = peer.send(prepare).then(reply => {
        // What comes behind the expiry counts as well: the connector means it.
        if (reply) this.#packets.heard(packet, isFulfill(reply) ? 'fulfilled' : 'rejected')
      })
      await within(answered, prepare.expiresAtMs + GRACE_MS - Date.now())
      packet.endedMs = Date.now()
      if (packet.heard !== 'fulfilled') await sleep(this.#random.between(...REJECTED_PAUSE_MS))
    }
  }
}

/** Answers the packets of a lane, as their numbers and the seed say, and notes which it paid. */
export class Receiver {
  readonly #seed: string
  readonly #packets: Packets
  readonly #connections: readonly Connection[]
  #answering = 0

  /** @param targets it is connected to all of them at a time */
  constructor(seed: string, packets: Packets, targets: readonly Target[], token: string) {
    this.#seed = seed
    this.#packets = packets
    this.#connections = targets.map(
      target => new Connection(target, token, (prepare, answer) => void this.#take(prepare, answer)),
    )
  }

  /** Answers that are yet to be sent. */
  get answering(): number {
    return this.#answering
  }

  cut(): void {
    for (const { peer } of this.#connections) peer?.cut()
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  async #take(prepare: Prepare, answer: (reply: Reply) => boolean): Promise<void> {
    const packet = this.#packets.of(prepare)
    if (!packet) return
    packet.arrivals += 1
    const { reply, delayMs } = this.#script(packet.number)
    if (!reply) return
    if (delayMs > 0) {
      this.#answering += 1
      await sleep(delayMs)
      this.#answering -= 1
    }
    if (answer(reply) && isFulfill(reply)) packet.isPaid = true
  }

  #script(number: number): { readonly reply?: Reply; readonly delayMs: number } {
    const random = new Random(`${this.#seed} receiver ${number}`)
    const fulfill = Fulfill.create({
      fulfillment: this.#packets.fulfillmentOf(number),
      data: Buffer.alloc(0),
    })
    const reject = Reject.create({ code: 'F99', triggeredBy: '', message: 'no', data: Buffer.alloc(0) })
    const dice = random.next()
    if (dice < 0.5) return { reply: fulfill, delayMs: 0 }
    if (dice < 0.75) return { reply: fulfill, delayMs: random.between(1, 60) }
    // Long enough to come when its connector is another one.
    if (dice < 0.83) return { reply: fulfill, delayMs: random.between(60, 400) }
    if (dice < 0.95) return { reply: reject, delayMs: 0 }
    return dice < 0.99 ? { reply: reject, delayMs: random.between(1, 200) } : { delayMs: 0 }
  }
}

async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([promise, timeout])
  clearTimeout(timer)
}
