import { lengthPrefixSize } from '@ilp/oer'
import { TIMESTAMP_LENGTH, writeTimestamp } from '@ilp/service-core'
import { Type } from 'ilp-packet'
import { BTP_ERROR, BTP_MESSAGE, BTP_RESPONSE, btpPacket, ilpPacketAt, REQUEST_ID_AT } from './btp-message.js'
import { type BtpPeer, BtpSocket } from './btp-socket.js'
import { FrameTemplate } from './frame-template.js'
import { Latencies } from './latencies.js'
import { COUNTER_BYTES, EXPIRY_IN_PREPARE, PREPARE_BYTES, prepareTemplate } from './prepare-template.js'

const WINDOW_MAX = 65_536
const EXPIRES_IN_MS = 30_000
/** Every Prepare is answered by its expiry, or something is broken. */
const STALL_MS_MAX = EXPIRES_IN_MS + 5_000
/** What answers are counted under that hold no ILP packet. */
const NO_ILP = 'BTP'

export interface SenderOptions {
  readonly sender: BtpPeer
  readonly destination: string
  readonly amount?: bigint
  readonly window: number
}

/** When to stop measuring: after so many answers, or so long. */
export interface Extent {
  readonly packets?: number
  readonly durationMs?: number
}

export interface Measured {
  readonly packets: number
  readonly durationMs: number
  readonly latencies: Latencies
}

/** Keeps a window of Prepares in flight; those that one read makes room for go with one write. */
export class Sender {
  readonly socket: BtpSocket
  readonly rejected = new Map<string, number>()
  fulfilled = 0
  sent = 0
  readonly #frame: FrameTemplate
  readonly #expiryAt: number
  readonly #counterAt: number
  readonly #expiry = Buffer.alloc(TIMESTAMP_LENGTH)
  /** A request id is its slot, plus a multiple of the number of slots that grows with each use. */
  readonly #ids: Uint32Array
  readonly #sentAt: Float64Array
  readonly #freeSlots: Uint32Array
  #free: number
  /** How many more may be sent for now. */
  #left = 0
  #answered = 0
  #readAt = 0
  #lastAnswerAt = 0
  #latencies: Latencies | undefined
  #isDone: () => boolean = () => false
  #done: () => void = () => {}

  constructor({ sender, destination, amount = 1n, window }: SenderOptions) {
    if (!(Number.isInteger(window) && window >= 1 && window <= WINDOW_MAX))
      throw new RangeError(`window ${window} is not in 1..${WINDOW_MAX}`)
    const packet = btpPacket(BTP_MESSAGE, { ilp: prepareTemplate(destination, amount) })
    const prepareAt = packet.length - PREPARE_BYTES
    this.#frame = new FrameTemplate(packet)
    this.#expiryAt = prepareAt + EXPIRY_IN_PREPARE
    this.#counterAt = packet.length - COUNTER_BYTES
    const slots = 2 ** Math.ceil(Math.log2(window))
    this.#ids = Uint32Array.from({ length: slots }, (_, slot) => slot)
    this.#sentAt = new Float64Array(slots)
    this.#freeSlots = Uint32Array.from({ length: window }, (_, slot) => slot)
    this.#free = window
    this.socket = new BtpSocket(sender, {
      packet: (bytes, at, end) => this.#packet(bytes, at, end),
      read: () => this.#read(),
    })
  }

  /** Lets packets flow for so long. */
  async warmUp(ms: number): Promise<void> {
    if (ms === 0) return
    const until = performance.now() + ms
    this.#left = Number.POSITIVE_INFINITY
    await this.#until(() => performance.now() >= until)
  }

  /** Goes on from where the warm-up was, and measures. */
  async measure({
    packets = Number.POSITIVE_INFINITY,
    durationMs = Number.POSITIVE_INFINITY,
  }: Extent): Promise<Measured> {
    const latencies = new Latencies()
    const start = performance.now()
    const answeredBefore = this.#answered
    this.#latencies = latencies
    this.#left = Math.max(0, packets - this.#inFlight)
    await this.#until(
      () => this.#answered - answeredBefore >= packets || this.#lastAnswerAt - start >= durationMs,
    )
    this.#latencies = undefined
    this.#left = 0
    return { packets: this.#answered - answeredBefore, durationMs: this.#lastAnswerAt - start, latencies }
  }

  /** Waits for the answers that are still missing. */
  async drain(): Promise<void> {
    this.#left = 0
    await this.#until(() => this.#inFlight === 0)
  }

  get #inFlight(): number {
    return this.#freeSlots.length - this.#free
  }

  /** Sends what may be sent, and settles once a read has made `isDone` true. */
  async #until(isDone: () => boolean): Promise<void> {
    this.#lastAnswerAt = performance.now()
    this.#send()
    if (isDone()) return
    await new Promise<void>((resolve, reject) => {
      const stalled = () => {
        if (performance.now() - this.#lastAnswerAt > STALL_MS_MAX)
          reject(new Error('Prepares stay unanswered'))
      }
      const timer = setInterval(stalled, 1_000)
      this.#isDone = isDone
      this.#done = () => {
        clearInterval(timer)
        this.#isDone = () => false
        resolve()
      }
    })
  }

  #packet(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at]
    // Peer protocols may send Messages; a sender has nothing to say to them.
    if (type !== BTP_RESPONSE && type !== BTP_ERROR) return
    const id = bytes.readUInt32BE(at + REQUEST_ID_AT)
    const slot = id & (this.#ids.length - 1)
    if (this.#ids[slot] !== id) throw new Error(`answer to request ${id}, which is not in flight`)
    this.#ids[slot] = id + this.#ids.length
    this.#freeSlots[this.#free++] = slot
    this.#readAt ||= performance.now()
    this.#latencies?.add(this.#readAt - this.#sentAt[slot]!)
    const ilpAt = type === BTP_RESPONSE ? ilpPacketAt(bytes, at, end) : -1
    if (ilpAt >= 0 && bytes[ilpAt] === Type.TYPE_ILP_FULFILL) this.fulfilled++
    else this.#reject(ilpAt < 0 ? NO_ILP : rejectCode(bytes, ilpAt))
    this.#answered++
  }

  #reject(code: string): void {
    this.rejected.set(code, (this.rejected.get(code) ?? 0) + 1)
  }

  #read(): void {
    if (this.#readAt === 0) return
    this.#lastAnswerAt = this.#readAt
    this.#readAt = 0
    if (this.#isDone()) this.#done()
    else this.#send()
  }

  #send(): void {
    const count = Math.min(this.#free, this.#left)
    if (count === 0) return
    writeTimestamp(this.#expiry, 0, Date.now() + EXPIRES_IN_MS)
    this.#frame.set(this.#expiryAt, this.#expiry)
    const batch = Buffer.allocUnsafe(count * this.#frame.length)
    const now = performance.now()
    for (let at = 0; at < batch.length; at += this.#frame.length) {
      const slot = this.#freeSlots[--this.#free]!
      this.#sentAt[slot] = now
      this.#frame.copyTo(batch, at)
      this.#frame.setUInt32(batch, at, REQUEST_ID_AT, this.#ids[slot]!)
      this.#frame.setUInt32(batch, at, this.#counterAt, this.sent++)
    }
    this.#left -= count
    this.socket.write(batch)
  }
}

function rejectCode(bytes: Buffer, at: number): string {
  const codeAt = at + 1 + lengthPrefixSize(bytes, at + 1)
  return bytes.toString('latin1', codeAt, codeAt + 3)
}
