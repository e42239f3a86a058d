import { type Frame, STREAM_PACKET_LENGTH_MAX } from '@ilp/stream-packet'
import { larger, nextPart, type RateEstimate, smaller, sourceWithin, trimmed } from '@ilp/stream-path'
import type { End } from './end.js'
import * as frames from './frames.js'
import type { MoneyStream } from './money-stream.js'
import type { Notice } from './notice.js'
import type { Fragment } from './outbox.js'

/** Bytes of one fragment, so that any of them fits in any packet again. */
const FRAGMENT_MAX = 16_000
/** Bytes that are not worth a fragment of their own while more are waiting. */
const FRAGMENT_MIN = 64

/** A stream's part of a packet's money. */
export interface MoneyShare {
  readonly stream: MoneyStream
  amount: bigint
  /** What is expected to arrive of it, at most. */
  most: bigint
}

export interface DataShare {
  readonly stream: MoneyStream
  readonly fragment: Fragment
}

/** What goes into one packet. */
export interface Draft {
  readonly frames: Frame[]
  readonly notices: { readonly notice: Notice; readonly version: number }[]
  readonly money: MoneyShare[]
  readonly data: DataShare[]
  amount: bigint
  minimum: bigint
}

export const emptyDraft = (): Draft => ({
  frames: [],
  notices: [],
  money: [],
  data: [],
  amount: 0n,
  minimum: 0n,
})

/** Fills packets: with what has to be said, then with money, then with data. */
export class Composer {
  /** Whether something waits for the other end to take more, or for a better rate. */
  isBlocked = false
  readonly #end: End
  #room = 0
  /** Streams take turns in being the first. */
  #turn = 0

  constructor(end: End) {
    this.#end = end
  }

  /**
   * The next packet; undefined when there is nothing to send.
   * @param inFlight money that waits for its answer
   * @param insists sends what waits for the other end as a question, and money whose rate may be too low
   */
  next(inFlight: bigint, insists: boolean): Draft | undefined {
    const draft = emptyDraft()
    this.#room = STREAM_PACKET_LENGTH_MAX - frames.FRAME_OVERHEAD
    this.isBlocked = false
    this.#say(draft)
    const order = this.#order()
    this.#addMoney(draft, order, inFlight, insists)
    this.#addData(draft, order)
    if (insists) this.#askForMore(draft)
    return draft.frames.length > 0 ? draft : undefined
  }

  /** Whether there is anything to send, now or when the other end takes more. */
  get hasWork(): boolean {
    const { streams, maxStreamId, maxData, greeting, idBlocked } = this.#end
    if (maxStreamId.isDue || maxData.isDue || greeting.isDue || idBlocked.isDue) return true
    for (const { money, outbox, limits, closing } of streams.values()) {
      if (money.left > 0n || !outbox.isEmpty || limits.isDue || closing.isDue) return true
    }
    return false
  }

  /** This end's address and asset. */
  greet(draft: Draft): void {
    const { address, link } = this.#end.deps
    const ours = address()
    const asset = link.asset()
    this.#add(draft, frames.newAddress(ours), ours.length)
    if (asset) this.#add(draft, frames.assetDetails(asset), 3 * asset.code.length)
    this.#take(draft, this.#end.greeting)
  }

  #say(draft: Draft): void {
    const end = this.#end
    if (end.greeting.isDue) this.greet(draft)
    if (end.maxStreamId.isDue) {
      this.#add(draft, frames.maxStreamId(end.ids.max))
      this.#take(draft, end.maxStreamId)
    }
    if (end.maxData.isDue) {
      this.#add(draft, frames.maxData(end.dataMax))
      this.#take(draft, end.maxData)
    }
    if (end.idBlocked.isDue) {
      this.#add(draft, frames.streamIdBlocked(end.ids.next))
      this.#take(draft, end.idBlocked)
    }
    for (const stream of end.streams.values()) {
      if (this.#room < FRAGMENT_MAX) return
      if (stream.closing.isDue) {
        const { id, closeCode, closeMessage } = stream
        // One that the other end has never heard of has to be there to be over.
        if (stream.limits.isDue) this.#add(draft, frames.streamMaxMoney(stream))
        this.#add(draft, frames.streamClose(id, closeCode, closeMessage), 3 * closeMessage.length)
        this.#take(draft, stream.closing)
      } else if (stream.isOpen && stream.limits.isDue) {
        this.#add(draft, frames.streamMaxMoney(stream))
        this.#add(draft, frames.streamMaxData(stream))
        this.#take(draft, stream.limits)
      }
    }
  }

  #order(): MoneyStream[] {
    const open = [...this.#end.streams.values()].filter(({ isOpen }) => isOpen)
    if (open.length < 2) return open
    this.#turn = (this.#turn + 1) % open.length
    return [...open.slice(this.#turn), ...open.slice(0, this.#turn)]
  }

  #addMoney(draft: Draft, order: readonly MoneyStream[], inFlight: bigint, insists: boolean): void {
    const { path, congestion } = this.#end
    const { estimate, minimum } = path
    if (!estimate || !minimum) return
    const wanted: { stream: MoneyStream; most: bigint }[] = []
    let total = 0n
    for (const stream of order) {
      const { left, peerRoom } = stream.money
      if (left === 0n) continue
      const most = smaller(left, sourceWithin(estimate.high, peerRoom))
      if (most < left) this.isBlocked = true
      if (most === 0n) continue
      wanted.push({ stream, most })
      total += most
    }
    const amount = this.#size(estimate, total)
    // Less would be a poor packet: rather wait for what is under way.
    if (amount === 0n || (inFlight > 0n && inFlight + amount > congestion.amountMax)) return
    this.#share(draft, estimate, wanted, amount)
    draft.minimum = minimum.of(draft.amount)
    if (path.least(draft.amount) < draft.minimum && !insists) {
      // It would be refused: more may be due soon, or the rate may recover.
      this.isBlocked = true
      draft.money.length = 0
      draft.amount = 0n
      draft.minimum = 0n
      return
    }
    for (const { stream, amount: units } of draft.money) this.#add(draft, frames.streamMoney(stream, units))
  }

  /** How much of it goes into one packet: of the last two both get half, so that none is worth next to nothing. */
  #size({ low }: RateEstimate, total: bigint): bigint {
    const { path, congestion } = this.#end
    const max = path.limit.next
    const size = larger(smaller(2n * path.amountOfUnit, max), smaller(max, congestion.amountMax))
    const amount = total <= size ? total : trimmed(low, nextPart(total, size))
    // It waits for more.
    return path.isWorthless(amount) ? 0n : amount
  }

  /** Gives each stream the same, and what some don't need to the others. */
  #share(
    draft: Draft,
    estimate: RateEstimate,
    wanted: readonly { stream: MoneyStream; most: bigint }[],
    amount: bigint,
  ): void {
    const shares = new Map<MoneyStream, bigint>()
    let rest = amount
    for (const fair of [amount / BigInt(wanted.length), amount]) {
      for (const { stream, most } of wanted) {
        const has = shares.get(stream) ?? 0n
        const more = smaller(smaller(most - has, fair), rest)
        if (more === 0n) continue
        shares.set(stream, has + more)
        rest -= more
      }
    }
    for (const [stream, units] of shares) {
      draft.money.push({ stream, amount: units, most: estimate.most(units) })
      draft.amount += units
    }
  }

  #addData(draft: Draft, order: readonly MoneyStream[]): void {
    const end = this.#end
    for (const stream of order) {
      const { outbox } = stream
      for (
        let again = outbox.nextAgain(this.#fragmentMax);
        again;
        again = outbox.nextAgain(this.#fragmentMax)
      ) {
        this.#addFragment(draft, stream, again)
      }
      while (outbox.hasUnsent) {
        const windowRoom = end.peer.maxData - end.sentData
        const max = Math.min(this.#fragmentMax, windowRoom)
        if (outbox.isBlocked || windowRoom <= 0) this.isBlocked = true
        const fragment =
          max >= Math.min(FRAGMENT_MIN, outbox.end - outbox.offset) ? outbox.nextNew(max) : undefined
        if (!fragment) {
          if (windowRoom < FRAGMENT_MIN) this.isBlocked = true
          break
        }
        end.sentData += fragment.data.length
        this.#addFragment(draft, stream, fragment)
      }
    }
  }

  get #fragmentMax(): number {
    return Math.min(FRAGMENT_MAX, this.#room - frames.FRAME_OVERHEAD)
  }

  #addFragment(draft: Draft, stream: MoneyStream, fragment: Fragment): void {
    draft.data.push({ stream, fragment })
    this.#add(draft, frames.streamData(stream, fragment.offset, fragment.data), fragment.data.length)
  }

  /** Says what waits, to be told how much may come (RFC 29 section 4.4.4). */
  #askForMore(draft: Draft): void {
    const end = this.#end
    let unsent = 0
    for (const stream of end.streams.values()) {
      if (!stream.isOpen || this.#room < 4 * frames.FRAME_OVERHEAD) continue
      if (stream.money.left > 0n) this.#add(draft, frames.streamMoneyBlocked(stream))
      if (stream.outbox.isBlocked) this.#add(draft, frames.streamDataBlocked(stream))
      unsent += stream.outbox.end - stream.outbox.offset
    }
    if (end.sentData + unsent > end.peer.maxData) {
      this.#add(draft, frames.dataBlocked(end.sentData + unsent))
    }
  }

  #add(draft: Draft, frame: Frame, octets = 0): void {
    draft.frames.push(frame)
    this.#room -= frames.FRAME_OVERHEAD + octets
  }

  #take(draft: Draft, notice: Notice): void {
    draft.notices.push({ notice, version: notice.take() })
  }
}
