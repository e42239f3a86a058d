import {
  type Account,
  type AccountId,
  type IncomingRequest,
  insufficientLiquidity,
  internalError,
  isFulfill,
  lifecycle,
  type OutgoingRequest,
  type Pass,
  type Reject,
  type Reply,
  rateLimited,
  type Service,
} from '@ilp/service-core'
import { type Limits, type Meter, Meters, type RateLimit, type Verdict } from './limits.js'
import { localLimits } from './local-limits.js'

export interface RateLimitAccount extends Account {
  /** What may come from the account; undefined for anything. */
  readonly rateLimit?: RateLimit | undefined
  /** What may go to the account, in its unit; undefined for anything. */
  readonly outgoingRateLimit?: RateLimit | undefined
}

export interface RateLimitDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** Where packets and amounts are counted; `localLimits()` unless given. */
  readonly limits?: Limits | undefined
}

/**
 * Answers T05 to packets from an account that has sent as many as it may, and T04 to those with which their amounts
 * would be above what it may move. Goes by `rateLimit` of `from`, in its unit. Make one for each chain.
 */
export function incomingRateLimit(deps: RateLimitDeps): Pass<IncomingRequest<RateLimitAccount>> {
  const { address, limits = localLimits() } = deps
  return inner => {
    const gate = new Gate(new Meters(limits, 'incoming'), address, inner)
    return service(gate, inner, request => {
      const { rateLimit, id } = request.from
      if (rateLimit === undefined) return inner.call(request)
      return gate.pass(request, id, rateLimit)
    })
  }
}

/**
 * The same for packets to an account: by `outgoingRateLimit` of `to`, with the amount that it would receive, in its
 * unit.
 */
export function outgoingRateLimit(deps: RateLimitDeps): Pass<OutgoingRequest<RateLimitAccount>> {
  const { address, limits = localLimits() } = deps
  return inner => {
    const gate = new Gate(new Meters(limits, 'outgoing'), address, inner)
    return service(gate, inner, request => {
      const { outgoingRateLimit, id } = request.to
      if (outgoingRateLimit === undefined) return inner.call(request)
      return gate.pass(request, id, outgoingRateLimit)
    })
  }
}

function service<Request extends IncomingRequest>(
  { meters }: Gate<Request>,
  { ready }: Service<Request>,
  call: Service<Request>['call'],
): Service<Request> {
  return { ...lifecycle({ start: () => Promise.resolve(), stop: () => meters.close() }), ready, call }
}

/** Where packets are let pass or refused. */
class Gate<Request extends IncomingRequest> {
  constructor(
    readonly meters: Meters,
    private readonly address: () => string,
    private readonly inner: Service<Request>,
  ) {}

  pass(request: Request, account: AccountId, limit: RateLimit): Promise<Reply> {
    const meter = this.meters.of(account, limit)
    const verdict = meter.take(request.prepare.units)
    const isRefunded = limit.amountPerMinute !== undefined && request.prepare.units !== 0n
    if (verdict === 'passes') return this.#forward(request, isRefunded ? meter : undefined)
    if (typeof verdict === 'string') return Promise.resolve(this.#refusal(verdict))
    return verdict.then(later =>
      later === 'passes' ? this.#forward(request, isRefunded ? meter : undefined) : this.#refusal(later),
    )
  }

  /** What isn't fulfilled has moved no money. The refund is there before anybody else has the answer. */
  #forward(request: Request, meter: Meter | undefined): Promise<Reply> {
    if (meter === undefined) return this.inner.call(request)
    const refund = () => meter.refund(request.prepare.units)
    let reply: Promise<Reply>
    try {
      reply = this.inner.call(request)
    } catch (error) {
      refund()
      throw error
    }
    reply.then(answer => {
      if (!isFulfill(answer)) refund()
    }, refund)
    return reply
  }

  #refusal(verdict: Exclude<Verdict, 'passes'>): Reject {
    const address = this.address()
    if (verdict === 'packets') return rateLimited(address, 'too many packets a minute')
    if (verdict === 'amount') return insufficientLiquidity(address, 'too large amounts a minute')
    return internalError(address, 'the rate limits are out of reach')
  }
}
