import {
  amountTooLarge,
  type IncomingRequest,
  insufficientSourceAmount,
  isFulfill,
  type Prepare,
  type Reply,
  reject,
  type Service,
  transferTimedOut,
} from '@ilp/service-core'

const CONNECTOR = 'test.connector'

/** What a path does to packets. All of it may change on the way. */
export interface TestPathOptions {
  /** What arrives of an amount; all of it unless set. */
  rate?: (units: bigint) => bigint
  /** Above this amount, F08. */
  maxPacketAmount?: bigint
  /** Whether F08 tells the maximum; it does unless set. */
  tellsMaximum?: boolean
  /** Above this amount in flight, T04. */
  liquidity?: bigint
  /** More packets than this in flight get T02. */
  window?: number
  /** How long a packet takes to the receiver, and its answer back. */
  delayMs?: () => number
  /** Answers instead of passing on; undefined to pass on. Packets are counted from 1. */
  intercept?: (prepare: Prepare, index: number) => Reply | undefined
  /** Whether a packet is lost before it gets to the receiver: R00 when it expires. */
  loses?: (index: number) => boolean
  /** Whether the answer of a packet is lost on its way back: R00 when it expires. */
  losesAnswer?: (index: number) => boolean
  /** Whether nothing is ever heard of a packet, which has arrived. */
  swallows?: (index: number) => boolean
  /** Changes the answer on its way back. */
  answer?: (reply: Reply, prepare: Prepare) => Reply
}

/** A path to a receiver, and the book kept on it. Always ready. */
export interface TestPath extends Service<IncomingRequest> {
  readonly options: TestPathOptions
  readonly packets: number
  /** In packets that wait for their answer, before the exchange. */
  readonly inFlight: bigint
  /** The most packets that were in flight at a time. */
  readonly packetsInFlightMost: number
  /** In packets that were fulfilled, before and behind the exchange. */
  readonly sent: bigint
  readonly delivered: bigint
  /** What was delivered in packets whose answers were lost: the path's own loss. */
  readonly untold: bigint
  /** The most that was sent and in flight at a time. */
  readonly exposureMost: bigint
  /** Answers by code, or `fulfilled`. */
  readonly replies: ReadonlyMap<string, number>
}

interface Book {
  packets: number
  inFlight: bigint
  packetsInFlight: number
  packetsInFlightMost: number
  sent: bigint
  delivered: bigint
  untold: bigint
  exposureMost: bigint
  readonly replies: Map<string, number>
}

const emptyBook = (): Book => ({
  packets: 0,
  inFlight: 0n,
  packetsInFlight: 0,
  packetsInFlightMost: 0,
  sent: 0n,
  delivered: 0n,
  untold: 0n,
  exposureMost: 0n,
  replies: new Map(),
})

/** A path to `receiver`. It is a connector and whatever is behind it, in one: `test.connector` makes its rejects. */
export function testPath(
  receiver: Pick<Service<IncomingRequest>, 'call'>,
  options: TestPathOptions = {},
): TestPath {
  const book = emptyBook()
  const call = async (request: IncomingRequest): Promise<Reply> => {
    const { prepare } = request
    const index = ++book.packets
    depart(book, prepare)
    const refused = options.intercept?.(prepare, index) ?? refusal(prepare, options, book)
    const reply = refused ?? (await carry(request, index))
    book.packetsInFlight -= 1
    const code = isFulfill(reply) ? 'fulfilled' : reply.code
    if (refused || code !== 'fulfilled') book.inFlight -= prepare.units
    book.replies.set(code, (book.replies.get(code) ?? 0) + 1)
    return !refused && options.swallows?.(index) ? new Promise(() => {}) : reply
  }
  const carry = async (request: IncomingRequest, index: number): Promise<Reply> => {
    const { prepare } = request
    const { delayMs, rate } = options
    if (options.loses?.(index)) return timedOut(prepare)
    if (delayMs) await after(delayMs())
    const units = rate ? rate(prepare.units) : prepare.units
    if (units === 0n && prepare.units > 0n) return insufficientSourceAmount(CONNECTOR, 'nothing left')
    const reply = await receiver.call({ ...request, prepare: prepare.with({ units }) })
    if (isFulfill(reply) && !reply.fulfills(prepare)) throw new Error('the receiver gave a wrong fulfillment')
    if (options.losesAnswer?.(index)) {
      if (isFulfill(reply)) book.untold += units
      return timedOut(prepare)
    }
    if (isFulfill(reply)) {
      book.sent += prepare.units
      book.delivered += units
      book.inFlight -= prepare.units
    }
    if (delayMs && !options.swallows?.(index)) await after(delayMs())
    return options.answer ? options.answer(reply, prepare) : reply
  }
  return Object.assign(book, { options, ready: () => Promise.resolve(), call })
}

function depart(book: Book, { units }: Prepare): void {
  book.inFlight += units
  book.packetsInFlight += 1
  book.packetsInFlightMost = Math.max(book.packetsInFlightMost, book.packetsInFlight)
  const exposure = book.sent + book.inFlight
  if (exposure > book.exposureMost) book.exposureMost = exposure
}

/** What the path refuses at once. */
function refusal({ units }: Prepare, options: TestPathOptions, book: Book): Reply | undefined {
  const { maxPacketAmount, tellsMaximum = true, liquidity, window } = options
  if (liquidity !== undefined && book.inFlight > liquidity) return reject('T04', CONNECTOR, 'no liquidity')
  if (window !== undefined && book.packetsInFlight > window) return reject('T02', CONNECTOR, 'overloaded')
  if (maxPacketAmount === undefined || units <= maxPacketAmount) return undefined
  if (!tellsMaximum) return reject('F08', CONNECTOR, 'too large')
  // In another unit than the sender's, who has to scale, where that can be said.
  const scale = units * 3n < 2n ** 64n ? 3n : 1n
  return amountTooLarge(CONNECTOR, 'too large', units * scale, maxPacketAmount * scale)
}

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function timedOut({ expiresAtMs }: Prepare): Promise<Reply> {
  await after(Math.max(0, expiresAtMs - Date.now()))
  return transferTimedOut(CONNECTOR, 'timed out')
}
