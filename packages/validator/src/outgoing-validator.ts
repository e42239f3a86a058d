import {
  type Deadline,
  Deadlines,
  type Fulfill,
  insufficientTimeout,
  isFulfill,
  type Logger,
  type OutgoingRequest,
  type PacketWatcher,
  type Pass,
  type Reply,
  transferTimedOut,
  type Waiting,
  wrongCondition,
} from '@ilp/service-core'
import { lateFulfillLog } from './late-fulfill-log.js'

export interface OutgoingValidatorDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /**
   * Told of each valid Fulfill that came after its packet had been answered with R00. It is dropped, but the next hop
   * may count it as paid: for reconciliation. Must not throw. Unless given, a warning is logged with all of it.
   */
  readonly onLateFulfill?: (request: OutgoingRequest, fulfill: Fulfill) => void
  readonly watcher?: PacketWatcher<OutgoingRequest> | undefined
  readonly logger: Logger
}

/** Packets in flight now; the other figures count from the beginning. */
export interface OutgoingValidatorStats {
  readonly inFlight: number
  /** Packets without an answer at their deadline. */
  readonly timedOut: number
  /** Valid Fulfills that came after it. */
  readonly lateFulfills: number
  /** Fulfills that came in time and did not fit the condition. */
  readonly wrongFulfillments: number
}

export type OutgoingValidator = Pass<OutgoingRequest> & { readonly stats: () => OutgoingValidatorStats }

/**
 * Answers every packet by its expiry: with R00 at that moment, up to a few milliseconds behind it and never before,
 * when the next service has not answered. Lets a Fulfill pass only in time and when its fulfillment is the preimage of
 * the condition; a wrong one becomes F05. Packets without time left get R02 and don't reach the next service.
 */
export function outgoingValidator(deps: OutgoingValidatorDeps): OutgoingValidator {
  const validation = new Validation(deps)
  const { watcher } = deps
  const pass: Pass<OutgoingRequest> = inner => ({
    ready: inner.ready,
    call: request => {
      const began = watcher?.began(request) ?? 0
      if (request.prepare.expiresAtMs <= Date.now()) {
        const late = insufficientTimeout(deps.address(), 'no time is left to forward the packet')
        watcher?.answered(request, late, began)
        return Promise.resolve(late)
      }
      return new Promise((resolve, reject) => {
        let reply: Promise<Reply>
        try {
          reply = inner.call(request)
        } catch (error) {
          watcher?.threw(request)
          throw error
        }
        const flight = new Flight(request, began, validation, resolve, reject)
        reply.then(
          reply => flight.answered(reply),
          (error: unknown) => flight.failed(error),
        )
      })
    },
  })
  return Object.assign(pass, { stats: () => validation.stats() })
}

/** What all packets in flight share. */
class Validation {
  readonly deps: OutgoingValidatorDeps
  readonly onLateFulfill: (request: OutgoingRequest, fulfill: Fulfill) => void
  readonly deadlines = new Deadlines()
  timedOut = 0
  lateFulfills = 0
  wrongFulfillments = 0

  constructor(deps: OutgoingValidatorDeps) {
    this.deps = deps
    this.onLateFulfill = deps.onLateFulfill ?? lateFulfillLog(deps.logger)
  }

  stats(): OutgoingValidatorStats {
    const { deadlines, timedOut, lateFulfills, wrongFulfillments } = this
    return { inFlight: deadlines.size, timedOut, lateFulfills, wrongFulfillments }
  }
}

/** A packet that the next service has. */
class Flight implements Waiting {
  readonly #deadline: Deadline
  #isOver = false

  constructor(
    private readonly request: OutgoingRequest,
    private readonly began: number,
    private readonly validation: Validation,
    private readonly resolve: (reply: Reply) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.#deadline = validation.deadlines.set(request.prepare.expiresAtMs, this)
  }

  onDeadline(): void {
    this.#isOver = true
    this.validation.timedOut += 1
    this.#answer(transferTimedOut(this.validation.deps.address(), 'no answer came in time'))
  }

  answered(reply: Reply): void {
    if (this.#isOver) return this.#answeredLate(reply)
    this.#deadline.clear()
    if (!isFulfill(reply)) return this.#answer(reply)
    if (this.request.prepare.expiresAtMs <= Date.now()) {
      // The deadline has passed, and its timer is about to say so.
      this.onDeadline()
      return this.#answeredLate(reply)
    }
    if (reply.fulfills(this.request.prepare)) return this.#answer(reply)
    this.validation.wrongFulfillments += 1
    this.#answer(
      wrongCondition(this.validation.deps.address(), 'the next hop’s fulfillment does not fit the condition'),
    )
  }

  failed(error: unknown): void {
    this.#deadline.clear()
    const { watcher, logger } = this.validation.deps
    if (!this.#isOver) {
      watcher?.threw(this.request)
      return this.reject(error)
    }
    logger.error(
      { err: error, account: this.request.to.id },
      'a service threw when its packet had already timed out',
    )
  }

  #answer(reply: Reply): void {
    this.validation.deps.watcher?.answered(this.request, reply, this.began)
    this.resolve(reply)
  }

  #answeredLate(reply: Reply): void {
    if (!isFulfill(reply) || !reply.fulfills(this.request.prepare)) return
    this.validation.lateFulfills += 1
    this.validation.onLateFulfill(this.request, reply)
  }
}
