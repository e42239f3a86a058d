import {
  type Account,
  type AccountId,
  connectorBusy,
  type IncomingRequest,
  lifecycle,
  type Pass,
  type Reply,
} from '@ilp/service-core'

export interface InFlightAccount extends Account {
  /** How many packets from this account may be in flight, in place of the option's number. */
  readonly inFlightMax?: number | undefined
}

export interface InFlightDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
}

export interface InFlightOptions {
  /** How many packets from one account may be in flight: taken, and not answered yet. */
  readonly inFlightMax: number
  /** How many octets the packets in flight of one account may have together. */
  readonly inFlightBytesMax: number
  /** How long `stop` waits for the packets in flight. */
  readonly drainTimeoutMs: number
}

export const IN_FLIGHT_DEFAULTS: InFlightOptions = {
  inFlightMax: 10_000,
  inFlightBytesMax: 32_000_000,
  drainTimeoutMs: 25_000,
}

export interface InFlightStats {
  /** Packets in flight, of all accounts. */
  readonly packets: number
  /** Accounts that have packets in flight. */
  readonly accounts: number
  /** Packets that were refused since the beginning. */
  readonly refused: number
}

/** The layer, for one chain. */
export interface InFlight extends Pass<IncomingRequest<InFlightAccount>> {
  /**
   * Refuses packets from now on, and resolves when the last one in flight is answered, at `drainTimeoutMs` at the
   * latest. What the layer's own `stop` does; called before it, it stops all servers of the chain at the same moment.
   */
  readonly drain: () => Promise<void>
  readonly stats: () => InFlightStats
}

/**
 * Answers T03 at once to packets from an account that has as many, or as large ones, in flight as it may. From its `stop` on it answers
 * so to all of them; `stop` resolves when the last packet in flight is answered, at `drainTimeoutMs` at the latest.
 * @throws RangeError when an option is no whole number above 0
 */
export function inFlight({ address }: InFlightDeps, options: Partial<InFlightOptions> = {}): InFlight {
  const { inFlightMax, inFlightBytesMax, drainTimeoutMs } = { ...IN_FLIGHT_DEFAULTS, ...options }
  for (const [name, value] of Object.entries({ inFlightMax, inFlightBytesMax, drainTimeoutMs })) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  const windows = new Windows()
  let refused = 0

  const refuse = (message: string): Promise<Reply> => {
    refused += 1
    return Promise.resolve(connectorBusy(address(), message))
  }
  const drain = () => windows.close(drainTimeoutMs)
  const pass: Pass<IncomingRequest<InFlightAccount>> = inner => ({
    ...lifecycle({ start: () => Promise.resolve(), stop: drain }),
    ready: inner.ready,
    call: request => {
      const { from, prepare } = request
      if (windows.isClosed) return refuse('this node is going down')
      const window = windows.of(from.id)
      if (window.packets >= (from.inFlightMax ?? inFlightMax)) {
        return refuse('this account has too many packets in flight')
      }
      const { byteLength } = prepare
      if (window.bytes + byteLength > inFlightBytesMax) {
        return refuse('the packets of this account in flight are too large')
      }
      window.enter(byteLength)
      const leave = () => window.leave(byteLength)
      try {
        const reply = inner.call(request)
        reply.then(leave, leave)
        return reply
      } catch (error) {
        leave()
        throw error
      }
    },
  })
  const stats = () => ({ packets: windows.packets, accounts: windows.accounts, refused })
  return Object.assign(pass, { drain, stats })
}

/** The packets in flight of one account. */
class Window {
  packets = 0
  bytes = 0

  constructor(
    private readonly id: AccountId,
    private readonly windows: Windows,
  ) {}

  enter(bytes: number): void {
    this.packets += 1
    this.bytes += bytes
    this.windows.entered(this.id, this)
  }

  leave(bytes: number): void {
    this.packets -= 1
    this.bytes -= bytes
    this.windows.left(this.id, this)
  }
}

/** The windows of the accounts that have packets in flight, and of no others. */
class Windows {
  isClosed = false
  packets = 0
  readonly #open = new Map<AccountId, Window>()
  #drained: (() => void) | undefined
  #closing: Promise<void> | undefined

  get accounts(): number {
    return this.#open.size
  }

  of(id: AccountId): Window {
    return this.#open.get(id) ?? new Window(id, this)
  }

  entered(id: AccountId, window: Window): void {
    this.packets += 1
    if (window.packets === 1) this.#open.set(id, window)
  }

  left(id: AccountId, window: Window): void {
    this.packets -= 1
    if (window.packets === 0) this.#open.delete(id)
    if (this.packets === 0) this.#drained?.()
  }

  /** Resolves when no packet is in flight, or when the time is over. Calls after the first give the same promise. */
  close(timeoutMs: number): Promise<void> {
    this.isClosed = true
    this.#closing ??= new Promise(resolve => {
      if (this.packets === 0) return resolve()
      const timer = setTimeout(resolve, timeoutMs)
      this.#drained = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    return this.#closing
  }
}
