import {
  amountTooLarge,
  hasPrefix,
  type IncomingRequest,
  insufficientSourceAmount,
  isFulfill,
  type Prepare,
  type Reply,
  reject,
  type Service,
  transferTimedOut,
  unreachable,
} from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import { type ChainLink, chainLink } from '../src/index.js'

const CONNECTOR = 'test.net'

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** What a way does to packets in one direction. All of it may change on the way. */
export interface WayOptions {
  /** What arrives of an amount; all of it unless set. */
  rate?: (units: bigint) => bigint
  /** Above this amount, F08. */
  maxPacketAmount?: bigint
  /** Whether F08 tells the maximum. */
  tellsMaximum?: boolean
  /** Above this amount in flight, T04. */
  liquidity?: bigint
  /** How long a packet takes to the other end, and its answer back. */
  delayMs?: () => number
  /** Answers instead of passing on; undefined to pass on. */
  intercept?: (prepare: Prepare, index: number) => Reply | undefined
  /** Whether a packet is lost before it gets to the other end. */
  loses?: (index: number) => boolean
  /** Whether the answer of a packet is lost. */
  losesAnswer?: (index: number) => boolean
  /** Whether nothing is ever heard of a packet, which has arrived. */
  swallows?: (index: number) => boolean
}

/** The book that is kept of one way. */
export interface Way {
  readonly options: WayOptions
  packets: number
  inFlight: bigint
  /** In packets that were fulfilled, before and behind the exchange. */
  sent: bigint
  delivered: bigint
  /** What went through and was not told. */
  untold: bigint
  readonly replies: Map<string, number>
  /** Whatever has passed, to be looked at. */
  readonly prepares: Prepare[]
}

const way = (options: WayOptions): Way => ({
  options,
  packets: 0,
  inFlight: 0n,
  sent: 0n,
  delivered: 0n,
  untold: 0n,
  replies: new Map(),
  prepares: [],
})

type Deliver = (prepare: Prepare) => Promise<Reply>

async function pass(book: Way, prepare: Prepare, deliver: Deliver): Promise<Reply> {
  const index = ++book.packets
  const { options } = book
  const { maxPacketAmount = 2n ** 64n, tellsMaximum = true, rate = units => units, delayMs } = options
  const intercepted = options.intercept?.(prepare, index)
  if (intercepted) return intercepted
  if (book.inFlight > (options.liquidity ?? 2n ** 80n)) return reject('T04', CONNECTOR, 'no liquidity')
  if (prepare.units > maxPacketAmount) {
    if (!tellsMaximum) return reject('F08', CONNECTOR, 'too large')
    // In another unit than the sender's: the sender has to scale.
    const [received, maximum] = [prepare.units * 3n, maxPacketAmount * 3n]
    if (received >= 2n ** 64n) return amountTooLarge(CONNECTOR, 'too large', prepare.units, maxPacketAmount)
    return amountTooLarge(CONNECTOR, 'too large', received, maximum)
  }
  const timeOut = async () => {
    await after(Math.max(0, prepare.expiresAtMs - Date.now()))
    return transferTimedOut(CONNECTOR, 'timed out')
  }
  if (options.loses?.(index)) return timeOut()
  if (delayMs) await after(delayMs())
  const units = rate(prepare.units)
  if (units === 0n && prepare.units > 0n) return insufficientSourceAmount(CONNECTOR, 'nothing left')
  const reply = await deliver(prepare.with({ units }))
  const losesAnswer = options.losesAnswer?.(index) ?? false
  if (isFulfill(reply) && !reply.fulfills(prepare)) throw new Error('a wrong fulfillment')
  if (losesAnswer) {
    // The path owes the other end, and gets nothing.
    if (isFulfill(reply)) book.untold += units
    return timeOut()
  }
  if (isFulfill(reply)) {
    book.sent += prepare.units
    book.delivered += units
  }
  if (options.swallows?.(index)) return new Promise(() => {})
  if (delayMs) await after(delayMs())
  return reply
}

/** Two applications and what is between them. */
export interface Net {
  readonly client: ChainLink
  readonly server: ChainLink
  /** What the client sends, and what the server sends. */
  readonly up: Way
  readonly down: Way
}

const NOBODY: Service<IncomingRequest> = {
  ready: () => Promise.resolve(),
  call: () => Promise.resolve(unreachable(CONNECTOR, 'nobody is here')),
}

export const CLIENT_ASSET = { code: 'USD', scale: 9 }
export const SERVER_ASSET = { code: 'EUR', scale: 6 }

export interface NetSettings {
  /** Whether the client has an address. */
  readonly canReceive?: boolean
  /** Something else than our link at one end: gets what comes there, and the way by which it sends. */
  readonly other?: { readonly end: 'client' | 'server'; readonly receive: Deliver }
}

export function net(up: WayOptions = {}, down: WayOptions = {}, settings: NetSettings = {}): Net {
  const { canReceive = true, other } = settings
  const [upWay, downWay] = [way(up), way(down)]
  const link = (name: string, asset: typeof CLIENT_ASSET, book: Way, receives: boolean): ChainLink => {
    const account = testAccount(name)
    const call = async (request: IncomingRequest): Promise<Reply> => {
      const { prepare } = request
      book.prepares.push(prepare)
      book.inFlight += prepare.units
      const end = hasPrefix(prepare.destination, 'test.net.client') ? 'client' : 'server'
      const deliver = (changed: Prepare): Promise<Reply> =>
        other?.end === end ? other.receive(changed) : ends[end].call({ from: account, prepare: changed })
      const reply = await pass(book, prepare, deliver)
      book.inFlight -= prepare.units
      const code = isFulfill(reply) ? 'fulfilled' : reply.code
      book.replies.set(code, (book.replies.get(code) ?? 0) + 1)
      return reply
    }
    const address = receives ? { address: () => `test.net.${name}` } : {}
    return chainLink({ service: () => ({ call }), from: account, asset, ...address })
  }
  const client = link('client', CLIENT_ASSET, upWay, canReceive)
  const server = link('server', SERVER_ASSET, downWay, true)
  const ends = { client: client.layer(NOBODY), server: server.layer(NOBODY) }
  return { client, server, up: upWay, down: downWay }
}
