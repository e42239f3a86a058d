import type { Account } from './account.js'
import type { Lifecycle } from './lifecycle.js'
import type { Prepare } from './packet/prepare.js'
import type { Reply } from './packet/reply.js'

/** A Prepare and the account that it came from. */
export interface IncomingRequest<A extends Account = Account> {
  readonly from: A
  readonly prepare: Prepare
}

/** A Prepare on its way to the next hop. Only the router makes one of an `IncomingRequest`. */
export interface OutgoingRequest<A extends Account = Account> extends IncomingRequest<A> {
  readonly to: A
  /** The amount received from `from`, in its unit: before any exchange rate. */
  readonly incomingAmount: bigint
}

/**
 * Takes requests and answers each with a Fulfill or a Reject. Servers, middleware and clients all have this shape,
 * which is what lets them chain. The properties are functions, not methods, so that the compiler refuses a service
 * where one for more general requests is needed; they are called without `this`.
 */
export interface Service<Request> extends Partial<Lifecycle> {
  /**
   * Resolves as soon as requests can be taken; rejects with the signal's reason when it is aborted before. Speaks for
   * what all packets share (the store, memory), never for one peer. Servers call it; middleware pass it on.
   */
  readonly ready: (signal?: AbortSignal) => Promise<void>
  /**
   * Settles with a Fulfill or a Reject before `prepare.expiresAt`. A client at the end of a chain may take an answer that
   * comes some seconds later, which the outgoing validator above it keeps from the peer. Throws only on a bug.
   */
  readonly call: (request: Request) => Promise<Reply>
}

/** Wraps the service that follows in the chain. */
export type Middleware<Outer, Inner = Outer> = (inner: Service<Inner>) => Service<Outer>

/** Middleware for every request that has at least what `Min` has; what more it has is passed on. */
export type Pass<Min> = <Request extends Min>(inner: Service<Request>) => Service<Request>
