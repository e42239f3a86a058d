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

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** What a path does to packets, all of which may change on the way. */
export interface PathOptions {
  /** What arrives of an amount; all of it unless set. */
  rate?: (units: bigint) => bigint
  /** Above this amount, F08. */
  maxPacketAmount?: bigint
  /** Whether F08 tells the maximum. */
  tellsMaximum?: boolean
  /** Above this amount in flight, T04. */
  liquidity?: bigint
  /** More packets than this in flight get T02. */
  window?: number
  /** How long a packet takes to the receiver, and its answer back. */
  delayMs?: () => number
  /** Answers instead of passing on; undefined to pass on. */
  intercept?: (prepare: Prepare, index: number) => Reply | undefined
  /** Whether a packet gets no answer before it expires. */
  loses?: (index: number) => boolean
  /** Whether the answer of a packet never comes back. */
  swallows?: (index: number) => boolean
  /** Changes the answer on its way back. */
  answer?: (reply: Reply, prepare: Prepare) => Reply
}

/** A path to a receiver, and the book kept on it. */
export interface Path extends Service<IncomingRequest> {
  readonly options: PathOptions
  /** In packets that were fulfilled, before and behind the exchange. */
  sent: bigint
  delivered: bigint
  packets: number
  inFlight: bigint
  packetsInFlight: number
  packetsInFlightMost: number
  /** The most that was sent and in flight at a time. */
  exposureMost: bigint
  /** Replies by code, or `fulfilled`. */
  readonly replies: Map<string, number>
}

export function pathTo(receiver: Pick<Service<IncomingRequest>, 'call'>, options: PathOptions = {}): Path {
  const forward = async (request: IncomingRequest, index: number): Promise<Reply> => {
    const { prepare } = request
    const { maxPacketAmount = 2n ** 64n - 1n, tellsMaximum = true, rate = units => units } = options
    const intercepted = options.intercept?.(prepare, index)
    if (intercepted) return intercepted
    if (path.inFlight > (options.liquidity ?? 2n ** 70n)) return reject('T04', CONNECTOR, 'no liquidity')
    if (path.packetsInFlight > (options.window ?? Number.POSITIVE_INFINITY)) {
      return reject('T02', CONNECTOR, 'overloaded')
    }
    if (prepare.units > maxPacketAmount) {
      if (!tellsMaximum) return reject('F08', CONNECTOR, 'too large')
      // In another unit than the sender's: the sender has to scale.
      return amountTooLarge(CONNECTOR, 'too large', prepare.units * 2n, maxPacketAmount * 2n)
    }
    if (options.loses?.(index)) {
      await after(Math.max(0, prepare.expiresAtMs - Date.now()))
      return transferTimedOut(CONNECTOR, 'timed out')
    }
    const { delayMs } = options
    if (delayMs) await after(delayMs())
    const units = rate(prepare.units)
    if (units === 0n && prepare.units > 0n) return insufficientSourceAmount(CONNECTOR, 'nothing left')
    const reply = await receiver.call({ ...request, prepare: prepare.with({ units }) })
    if (isFulfill(reply)) {
      path.sent += prepare.units
      path.delivered += units
      path.inFlight -= prepare.units
    }
    if (options.swallows?.(index)) {
      if (!isFulfill(reply)) path.inFlight -= prepare.units
      path.packetsInFlight -= 1
      return new Promise<Reply>(() => {})
    }
    if (delayMs) await after(delayMs())
    return options.answer ? options.answer(reply, prepare) : reply
  }
  const path: Path = {
    options,
    sent: 0n,
    delivered: 0n,
    packets: 0,
    inFlight: 0n,
    packetsInFlight: 0,
    packetsInFlightMost: 0,
    exposureMost: 0n,
    replies: new Map(),
    ready: () => Promise.resolve(),
    call: async request => {
      const { units } = request.prepare
      path.packets += 1
      path.inFlight += units
      path.packetsInFlight += 1
      path.packetsInFlightMost = Math.max(path.packetsInFlightMost, path.packetsInFlight)
      const exposure = path.sent + path.inFlight
      if (exposure > path.exposureMost) path.exposureMost = exposure
      const reply = await forward(request, path.packets)
      path.packetsInFlight -= 1
      const code = isFulfill(reply) ? 'fulfilled' : reply.code
      if (!isFulfill(reply)) path.inFlight -= units
      path.replies.set(code, (path.replies.get(code) ?? 0) + 1)
      return reply
    },
  }
  return path
}
