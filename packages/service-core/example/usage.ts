import {
  type Account,
  accountId,
  errorBoundary,
  Fulfill,
  hasPrefix,
  type IncomingRequest,
  type Pass,
  Prepare,
  type Reply,
  type Service,
  silentLogger,
  stack,
  unreachable,
} from '@ilp/service-core'

/** What the middleware reads of an account. */
export interface AllowListAccount extends Account {
  /** Where the account may send to; anywhere when omitted. */
  readonly allowedPrefixes?: readonly string[]
}

export interface AllowListDeps {
  /** This node's ILP address. */
  readonly address: () => string
}

/** Lets an account send to no address but those below its allowed prefixes. Answers F02 for all others. */
export const allowList =
  ({ address }: AllowListDeps): Pass<IncomingRequest<AllowListAccount>> =>
  inner => ({
    ready: inner.ready,
    // Not async: a layer that only passes on returns the inner promise.
    call: request => {
      const { from, prepare } = request
      const isAllowed = (prefix: string) => hasPrefix(prepare.destination, prefix)
      if (from.allowedPrefixes?.some(isAllowed) ?? true) return inner.call(request)
      return Promise.resolve(unreachable(address(), 'destination is not allowed'))
    },
  })

const NO_DATA = new Uint8Array(0)
const address = () => 'test.alice'

/** The end of the chain: answers every packet with the fulfillment of 32 zeros. */
const receiver: Service<IncomingRequest> = {
  ready: () => Promise.resolve(),
  call: async () => Fulfill.create({ fulfillment: new Uint8Array(32), data: NO_DATA }),
}

// A packet meets the layers in this order. The compiler checks that each gets the requests that it needs.
const chain = stack<IncomingRequest<AllowListAccount>>()
  .use(errorBoundary({ address, logger: silentLogger }))
  .use(allowList({ address }))
  .around(receiver)

/** Sends one unit from an account that may send below `test.alice.shop`. */
export async function pay(destination: string): Promise<Reply> {
  const prepare = Prepare.create({
    units: 1n,
    expiresAt: new Date(Date.now() + 30_000),
    executionCondition: Buffer.from(
      '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
      'hex',
    ),
    destination,
    data: NO_DATA,
  })
  await chain.ready()
  return chain.call({ from: { id: accountId('bob'), allowedPrefixes: ['test.alice.shop'] }, prepare })
}

export const { start, stop } = chain
