import { type Fulfill, isFulfill, type Reject, type Reply } from '@ilp/service-core'
import { type ConnectionClose, ErrorCode, FrameType, type ReceivedStreamPacket } from '@ilp/stream-packet'
import { Alarm, Flight, nextTurn } from '@ilp/stream-path'
import { Composer, type Draft, emptyDraft } from './composer.js'
import type { RejectInfo } from './connection.js'
import type { End } from './end.js'
import { StreamError } from './errors.js'
import { toNumber } from './frames.js'
import { Ledger } from './ledger.js'
import type { Packet, PacketLoad, Purpose } from './packets.js'
import { Probing } from './probing.js'

/** Packets sent in one turn of the event loop, which belongs to others as well. */
const BURST_MAX = 64
/** Pauses between questions whether the other end takes more by now. */
const ASK_MS_MIN = 50
const ASK_MS_MAX = 4_000
/** What the packet that closes the connection is given. */
const CLOSE_MS = 2_000
/** Final rejects in a row that end a connection: a path that is just being replaced may answer with one. */
const FINAL_REJECTS_MAX = 3
/** Packets that are kept for saying that the connection is over, and answering those still under way. */
const PACKETS_KEPT = 2_048

/** Sends whatever is to be sent, as soon as it may be. */
export class Sending {
  lastReject: RejectInfo | undefined
  /** Settles when the other end has answered and the path has been tried. */
  readonly connected: Promise<void>
  readonly #end: End
  readonly #flight: Flight<PacketLoad>
  readonly #composer: Composer
  readonly #ledger: Ledger
  readonly #probing: Probing
  readonly #alarm = new Alarm(globalThis, () => this.#onAlarm())
  readonly #onBurst = (): void => {
    this.#burst = 0
    this.changed()
  }
  #isScheduled = false
  #burst = 0
  #askAtMs = Number.POSITIVE_INFINITY
  #askMs = ASK_MS_MIN
  #finalRejects = 0
  #onConnected: () => void = () => {}
  #onClosed: (() => void) | undefined

  constructor(end: End) {
    this.#end = end
    this.connected = new Promise(resolve => {
      this.#onConnected = resolve
    })
    this.#composer = new Composer(end)
    this.#ledger = new Ledger(end)
    this.#flight = new Flight({
      keys: end.keys,
      encrypt: packet => end.encrypt(packet),
      send: prepare => end.deps.link.send(prepare),
      onReply: (packet, reply, words) => this.#onReply(packet, reply, words),
      onLost: packet => this.#onLost(packet),
      onThrow: (packet, error) => this.#onThrow(packet, error),
    })
    this.#probing = new Probing(end, (draft, destination) => void this.#fly('probe', draft, destination))
  }

  /** Finds out the path now, not when the first money is to be sent. */
  connect(): void {
    this.#end.greeting.raise()
    this.#probing.isWanted = true
    this.changed()
  }

  /** Something may have to be sent. What happens in one go is sent together. */
  readonly changed = (): void => {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#advance()
    })
  }

  /** Says the last word, if that is asked for and can be; settles when it has been heard, or 2 s later. */
  close(words: ConnectionClose | undefined): Promise<void> {
    const { address, isReachable } = this.#end.peer
    this.#alarm.clear()
    if (!words || address === undefined || !isReachable) return Promise.resolve()
    const draft = { ...emptyDraft(), frames: [words] }
    return new Promise(resolve => {
      const timer = setTimeout(resolve, CLOSE_MS)
      this.#onClosed = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#fly('close', draft, address, CLOSE_MS)
    })
  }

  #advance(): void {
    const end = this.#end
    if (end.over) return
    if (end.packetsLeft <= PACKETS_KEPT) {
      const error = new StreamError('ERR_STREAM_EXHAUSTED', 'connection has had its 2^31 packets')
      return end.finish(error, ErrorCode.NoError, error.message)
    }
    const nowMs = end.deps.now()
    if (end.peer.address !== undefined && end.congestion.pausedUntilMs <= nowMs) {
      if (end.peer.isReachable) this.#send(nowMs)
      else this.#validate(end.peer.address)
    }
    if (end.peer.isReachable && this.#probing.rounds > 0) this.#onConnected()
    for (const stream of [...end.streams.values()]) stream.review()
    if (!end.over) this.#arm()
  }

  /** One packet at a time, without money or data, until the address is known to be the other end's. */
  #validate(address: string): void {
    if (this.#flight.size > 0) return
    const isWanted = this.#probing.isWanted || this.#composer.hasWork
    if (!isWanted) return
    const draft = emptyDraft()
    if (!this.#end.deps.isServer) this.#composer.greet(draft)
    this.#dispatch(draft, address)
  }

  #send(nowMs: number): void {
    const end = this.#end
    this.#probing.advance(nowMs)
    const address = end.peer.address as string
    let insists = nowMs >= this.#askAtMs && this.#flight.size === 0
    if (insists) {
      this.#askMs = Math.min(this.#askMs * 2, ASK_MS_MAX)
      this.#askAtMs = Number.POSITIVE_INFINITY
    }
    while (this.#flight.size < end.congestion.window && this.#burst < BURST_MAX) {
      const draft = this.#composer.next(this.#flight.money, insists)
      if (!draft) break
      insists = false
      this.#dispatch(draft, address)
    }
    if (!this.#composer.isBlocked) this.#askAtMs = Number.POSITIVE_INFINITY
    else if (this.#flight.size === 0 && this.#askAtMs === Number.POSITIVE_INFINITY) {
      this.#askAtMs = nowMs + this.#askMs
    }
  }

  #dispatch(draft: Draft, address: string): void {
    this.#ledger.hold(this.#fly('frames', draft, address))
    this.#end.path.limit.sent(draft.amount)
    this.#burst += 1
    if (this.#burst === 1) nextTurn(globalThis, this.#onBurst)
  }

  #fly(
    purpose: Purpose,
    draft: Draft,
    destination: string,
    timeoutMs = this.#end.settings.packetTimeoutMs,
  ): Packet {
    const expiresAtMs = this.#end.deps.now() + timeoutMs
    return this.#flight.send(Object.assign(draft, { purpose, destination, expiresAtMs }))
  }

  // What becomes of packets.

  #onReply(packet: Packet, reply: Reply, words: ReceivedStreamPacket | undefined): void {
    if (packet.purpose === 'close') this.#onClosed?.()
    else if (isFulfill(reply)) this.#onFulfill(packet, reply, words)
    else this.#onReject(packet, reply, words)
  }

  #onFulfill(packet: Packet, reply: Fulfill, words: ReceivedStreamPacket | undefined): void {
    if (!packet.fulfillment || !reply.fulfillment.equals(packet.fulfillment)) {
      // The path owes nothing for this, but it may have charged for it.
      this.#ledger.lose(packet)
      return this.#end.violated(ErrorCode.ProtocolViolation, 'a fulfillment is wrong')
    }
    this.#finalRejects = 0
    this.#end.heard()
    this.#end.peer.onAnswer(packet.destination)
    const delivered = this.#ledger.fulfill(packet, words)
    if (words && packet.amount > 0n) this.#end.path.observe(packet.amount, delivered)
    this.#end.congestion.onFulfill(packet.amount, packet.underWay)
    if (packet.amount > 0n || packet.data.length > 0) this.#askMs = ASK_MS_MIN
    if (words) this.#hear(words)
    this.#ledger.tell(packet)
    this.changed()
  }

  #onReject(packet: Packet, reject: Reject, words: ReceivedStreamPacket | undefined): void {
    this.#ledger.release(packet)
    const { code, triggeredBy, message } = reject
    if (packet.purpose === 'probe') this.#probing.onReject(packet, reject, words)
    else this.lastReject = { code, triggeredBy, message }
    if (words) {
      this.#finalRejects = 0
      this.#end.heard()
      this.#end.peer.onAnswer(packet.destination)
      if (packet.purpose !== 'probe') this.#end.path.observe(packet.amount, words.prepareAmount)
      this.#hear(words)
    }
    if (packet.purpose !== 'probe' && !this.#end.over) this.#followReject(packet, reject, words !== undefined)
    this.#ledger.tell(packet)
    this.changed()
  }

  #followReject(packet: Packet, { code, data, triggeredBy, message }: Reject, isAnswer: boolean): void {
    const { congestion, path, peer, deps } = this.#end
    const { amount, sequence, underWay } = packet
    const nowMs = deps.now()
    if (!isAnswer) peer.onSilence(packet.destination)
    if (code === 'T04') return congestion.onShortLiquidity(underWay, sequence, this.#flight.last, nowMs)
    if (code === 'F08' && !isAnswer) {
      path.tooLarge(amount, data)
      if (amount > 0n && path.limit.max > 0n) return
    }
    if (code === 'R01' && !isAnswer) path.nothingLeft(amount)
    congestion.onRefusal(sequence, this.#flight.last, nowMs)
    const isFinal = code.startsWith('F') && code !== 'F99' && code !== 'F08' && !isAnswer
    if (!isFinal || (deps.isServer && !peer.isReachable)) return
    this.#finalRejects += 1
    if (this.#finalRejects < FINAL_REJECTS_MAX) return
    const reason = `${code} from ${triggeredBy || 'a node without address'}: ${message}`
    this.#end.finish(new StreamError('ERR_STREAM_UNREACHABLE', reason), ErrorCode.InternalError)
  }

  #onLost(packet: Packet): void {
    if (packet.purpose === 'close') return
    this.#ledger.lose(packet)
    if (packet.purpose === 'probe') this.#probing.onLost()
    this.#end.peer.onSilence(packet.destination)
    this.#end.congestion.onRefusal(packet.sequence, this.#flight.last, this.#end.deps.now())
    this.#ledger.tell(packet)
  }

  #onThrow(packet: Packet, err: unknown): void {
    if (packet.purpose === 'close') return this.#onClosed?.()
    this.#end.deps.logger.error({ err }, 'a link threw instead of answering')
    this.#ledger.lose(packet)
    this.#end.finish(new StreamError('ERR_STREAM_LINK', 'the link threw instead of answering'))
  }

  #hear({ frames, frameError }: ReceivedStreamPacket): void {
    const end = this.#end
    if (frameError !== undefined) return end.violated(ErrorCode.FrameFormatError, frameError)
    end.hear(frames)
    for (const frame of frames) {
      if (frame.type !== FrameType.StreamReceipt) continue
      end.streams.get(toNumber(frame.streamId))?.money.peer.hearReceipt(frame)
    }
  }

  // Time.

  #onAlarm(): void {
    const { deps, lastHeardMs, settings, over } = this.#end
    if (over) return
    const nowMs = deps.now()
    this.#flight.expire(nowMs)
    if (nowMs - lastHeardMs >= settings.idleTimeoutMs) {
      const message = `the other end has said nothing for ${settings.idleTimeoutMs} ms`
      return this.#end.finish(new StreamError('ERR_STREAM_IDLE', message), ErrorCode.InternalError, message)
    }
    this.changed()
  }

  /** Sets the alarm for what comes first. */
  #arm(): void {
    const { deps, lastHeardMs, settings, congestion } = this.#end
    const nowMs = deps.now()
    let atMs = Math.min(this.#flight.lostAtMs, lastHeardMs + settings.idleTimeoutMs)
    if (this.#askAtMs > nowMs) atMs = Math.min(atMs, this.#askAtMs)
    if (congestion.pausedUntilMs > nowMs) atMs = Math.min(atMs, congestion.pausedUntilMs)
    if (this.#probing.againAtMs > nowMs) atMs = Math.min(atMs, this.#probing.againAtMs)
    this.#alarm.set(atMs, nowMs)
  }
}
