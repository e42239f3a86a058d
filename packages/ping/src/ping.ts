import { createHash, randomBytes } from 'node:crypto'
import { echoRequest, InvalidEchoError, readEcho } from '@ilp/echo-packet'
import {
  Fulfill,
  hasPrefix,
  type IncomingRequest,
  isFulfill,
  type Pass,
  Prepare,
  type Reply,
} from '@ilp/service-core'

export interface PingerDeps {
  /** Sends a packet from an account of this node's, and settles with the answer by the packet's expiry. */
  readonly send: (prepare: Prepare) => Promise<Reply>
  /** The ILP address of that account: packets to addresses below it come to `pongs`. Undefined while it isn't known. */
  readonly source: () => string | undefined
  /** Milliseconds from any beginning, of a clock that never goes back; `performance.now` unless given. */
  readonly nowMs?: (() => number) | undefined
}

export interface PingOptions {
  /** The amount, in the unit of the account that it is sent from. What comes back is less by what the way costs. */
  readonly units: bigint
  /** How long the answer may take. */
  readonly timeoutMs: number
}

export const PING_DEFAULTS: PingOptions = { units: 0n, timeoutMs: 10_000 }

/** What came of a packet. */
export interface PingResult {
  /** How long the answer took, with fractions of a millisecond. */
  readonly roundTripMs: number
  /** The units that came back with the echo; undefined when the packet was not fulfilled. */
  readonly returned: bigint | undefined
  /** Why it was not, and who says so; undefined when it was. */
  readonly reject: PingReject | undefined
  /** Whether the packet got to where it was sent: it was echoed, or rejected there or below. */
  readonly isReached: boolean
}

export interface PingReject {
  readonly code: string
  /** The ILP address of the node that rejected the packet; empty where it has none. */
  readonly triggeredBy: string
  readonly message: string
}

export interface Pinger {
  /**
   * Sends an echo request, which comes back to this node if both ways are open.
   * @throws PingError ERR_PING_NO_ADDRESS, ERR_PING_TOO_MANY; and whatever `send` throws
   * @throws InvalidPacketError when the destination is no ILP address, or the amount no amount
   */
  readonly echo: (destination: string, options?: Partial<PingOptions>) => Promise<PingResult>
  /**
   * Sends a packet that nobody can fulfill: who rejects it tells how far it came. Shows the way there alone, to nodes
   * that don't echo as well, and moves no money.
   * @throws whatever `send` throws
   * @throws InvalidPacketError when the destination is no ILP address, or the amount no amount
   */
  readonly probe: (destination: string, options?: Partial<PingOptions>) => Promise<PingResult>
  /** Fulfills the echoes of this pinger's requests, and passes all other packets on. */
  readonly pongs: Pass<IncomingRequest>
}

export type PingErrorCode =
  /** This node doesn't know its own address: nothing could come back. */
  | 'ERR_PING_NO_ADDRESS'
  /** 1,000 echoes are waited for. */
  | 'ERR_PING_TOO_MANY'

export class PingError extends Error {
  override readonly name = 'PingError'
  readonly code: PingErrorCode

  constructor(code: PingErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Echoes that are waited for at a time. */
const WAITING_MAX = 1_000

/** An echo that is waited for. */
interface Waiting {
  readonly conditionHex: string
  readonly fulfillment: Buffer
  returned: bigint
}

const NO_DATA = new Uint8Array(0)

/** Sends packets that show whether an address is reached, and how long the way takes. */
export function pinger({ send, source, nowMs = () => performance.now() }: PingerDeps): Pinger {
  /** By the address that the echo comes to, which no other has. */
  const waiting = new Map<string, Waiting>()

  const measure = async (prepare: Prepare, returned: () => bigint): Promise<PingResult> => {
    const beganMs = nowMs()
    const reply = await send(prepare)
    return { roundTripMs: nowMs() - beganMs, ...outcome(prepare, reply, returned) }
  }

  const echo: Pinger['echo'] = async (destination, options = {}) => {
    const { units, timeoutMs } = { ...PING_DEFAULTS, ...options }
    const own = source()
    if (own === undefined) throw new PingError('ERR_PING_NO_ADDRESS', 'this node does not know its address')
    if (waiting.size >= WAITING_MAX)
      throw new PingError('ERR_PING_TOO_MANY', 'too many echoes are waited for')
    const address = `${own}.ping-${randomBytes(12).toString('base64url')}`
    const fulfillment = randomBytes(32)
    const prepare = echoRequest({
      destination,
      source: address,
      units,
      expiresAt: new Date(Date.now() + timeoutMs),
      executionCondition: createHash('sha256').update(fulfillment).digest(),
    })
    const ours: Waiting = { conditionHex: prepare.conditionHex(), fulfillment, returned: 0n }
    waiting.set(address, ours)
    try {
      return await measure(prepare, () => ours.returned)
    } finally {
      waiting.delete(address)
    }
  }

  const probe: Pinger['probe'] = async (destination, options = {}) => {
    const { units, timeoutMs } = { ...PING_DEFAULTS, ...options }
    const expiresAt = new Date(Date.now() + timeoutMs)
    // A condition that is the hash of nothing anybody knows.
    const executionCondition = randomBytes(32)
    return measure(
      Prepare.create({ destination, units, expiresAt, executionCondition, data: NO_DATA }),
      () => 0n,
    )
  }

  const pongs: Pass<IncomingRequest> = inner => ({
    ready: inner.ready,
    call: request => {
      const { prepare } = request
      const ours = waiting.get(prepare.destination)
      if (ours === undefined || ours.conditionHex !== prepare.conditionHex() || !isEcho(prepare)) {
        return inner.call(request)
      }
      ours.returned = prepare.units
      return Promise.resolve(Fulfill.create({ fulfillment: ours.fulfillment, data: NO_DATA }))
    },
  })
  return { echo, probe, pongs }
}

function isEcho(prepare: Prepare): boolean {
  try {
    return readEcho(prepare)?.type === 'response'
  } catch (error) {
    if (error instanceof InvalidEchoError) return false
    throw error
  }
}

function outcome(prepare: Prepare, reply: Reply, returned: () => bigint): Omit<PingResult, 'roundTripMs'> {
  if (isFulfill(reply)) {
    if (reply.fulfills(prepare)) return { returned: returned(), reject: undefined, isReached: true }
    const reject = { code: 'F05', triggeredBy: '', message: 'the fulfillment does not fit the condition' }
    return { returned: undefined, reject, isReached: false }
  }
  const { code, triggeredBy, message } = reply
  return {
    returned: undefined,
    reject: { code, triggeredBy, message },
    isReached: hasPrefix(triggeredBy, prepare.destination),
  }
}
