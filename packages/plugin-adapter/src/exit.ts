import {
  type Account,
  Deadlines,
  decodeReply,
  internalError,
  type Lifecycle,
  type Logger,
  lifecycle,
  type OutgoingRequest,
  type Pass,
  type Prepare,
  peerBusy,
  peerUnreachable,
  type Reply,
  transferTimedOut,
} from '@ilp/service-core'
import type { DataHandler } from './plugin.js'

export interface ExitDeps {
  readonly account: Account
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger: Logger
  /** What takes packets to the account; undefined while nothing does. */
  readonly way: () => DataHandler | undefined
  readonly stop: () => Promise<void>
}

/** Packets that wait for the other side's answer. */
const IN_FLIGHT_MAX = 20_000

/** How long behind its expiry a packet's answer is waited for: the validator lists a Fulfill that comes too late. */
const LATE_ANSWER_MS = 5_000

/** Where packets to one account leave a chain as bytes. Each is answered 5 s behind its expiry at the latest. */
export class Exit {
  readonly #deps: ExitDeps
  readonly #deadlines = new Deadlines()
  readonly #steps: Lifecycle

  constructor(deps: ExitDeps) {
    this.#deps = deps
    this.#steps = { start: () => Promise.resolve(), stop: deps.stop }
  }

  readonly layer: Pass<OutgoingRequest> = inner => ({
    ...lifecycle(this.#steps),
    ready: inner.ready,
    call: request =>
      request.to.id === this.#deps.account.id ? this.#send(request.prepare) : inner.call(request),
  })

  #send(prepare: Prepare): Promise<Reply> {
    const { address, way } = this.#deps
    const send = way()
    if (send === undefined) return Promise.resolve(peerUnreachable(address(), 'the link is down'))
    if (this.#deadlines.size >= IN_FLIGHT_MAX) {
      return Promise.resolve(peerBusy(address(), 'too many packets wait for the next hop'))
    }
    return new Promise(resolve => {
      const onDeadline = () => resolve(transferTimedOut(address(), 'the next hop did not answer in time'))
      const deadline = this.#deadlines.set(prepare.expiresAtMs + LATE_ANSWER_MS, { onDeadline })
      void this.#ask(send, prepare).then(reply => {
        deadline.clear()
        resolve(reply)
      })
    })
  }

  /** Never rejects: what the other side throws is its fault. */
  async #ask(send: DataHandler, prepare: Prepare): Promise<Reply> {
    const { account, address, logger } = this.#deps
    try {
      return decodeReply(await send(prepare.toBuffer()))
    } catch (err) {
      logger.debug({ err, account: account.id }, 'a plugin did not answer with a packet')
      return internalError(address(), 'the next hop did not answer with a packet')
    }
  }
}
