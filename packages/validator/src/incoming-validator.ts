import { areApart, type IncomingRequest, type Pass, transferTimedOut, unreachable } from '@ilp/service-core'

export interface IncomingValidatorDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
}

/**
 * Answers R00 to packets that have expired when they arrive, and F02 to those for a test network when this node is on
 * the live one, or the other way round (RFC 34).
 */
export function incomingValidator({ address }: IncomingValidatorDeps): Pass<IncomingRequest> {
  return inner => ({
    ready: inner.ready,
    call: request => {
      const { prepare } = request
      if (prepare.expiresAtMs <= Date.now()) {
        return Promise.resolve(transferTimedOut(address(), 'the packet had expired when it arrived'))
      }
      if (areApart(prepare.destination, address())) {
        return Promise.resolve(unreachable(address(), 'the destination is in another network'))
      }
      return inner.call(request)
    },
  })
}
