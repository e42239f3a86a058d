import { assertType, describe, expectTypeOf, it } from 'vitest'
import {
  type Account,
  type AccountId,
  type Asset,
  type Chain,
  errorBoundary,
  type IncomingRequest,
  type Lifecycle,
  type Middleware,
  type OutgoingRequest,
  type Pass,
  type Prepare,
  type Reply,
  type Service,
  silentLogger,
  stack,
} from './index.js'

/** What the services of this chain read of an account. */
interface RateLimitAccount extends Account {
  readonly packetsPerMinute?: number
}
interface BalanceAccount extends Account {
  readonly asset: Asset
}
interface ServerAccount extends Account {
  readonly incomingTokens: readonly string[]
}
interface ClientAccount extends Account {
  readonly url: string
}
interface A extends RateLimitAccount, BalanceAccount, ServerAccount, ClientAccount {}
interface AccountsOf<T extends Account> {
  readonly get: (id: AccountId) => T | undefined
}

declare const accounts: AccountsOf<A>
declare const prepare: Prepare
declare const account: A

declare function server<T extends ServerAccount>(deps: {
  accounts: AccountsOf<T>
}): Middleware<IncomingRequest<T>>
declare function rateLimit(): Pass<IncomingRequest<RateLimitAccount>>
declare function observe(): Pass<IncomingRequest>
declare function router<T extends Account>(deps: {
  accounts: AccountsOf<T>
}): Middleware<IncomingRequest<T>, OutgoingRequest<T>>
declare function balance(): Pass<OutgoingRequest<BalanceAccount>>
declare function expiry(): Pass<OutgoingRequest>
declare function receiver(): Pass<IncomingRequest>
declare function client(): Pass<OutgoingRequest<ClientAccount>>
declare function unreachable(): Service<IncomingRequest>
declare function httpClient(): Service<OutgoingRequest<ClientAccount>>

describe('a chain that is put together right', () => {
  it('compiles, and infers everything from the kind of request it begins with', () => {
    const chain = stack<IncomingRequest<A>>()
      .use(server({ accounts }))
      .use(errorBoundary({ address: () => '', logger: silentLogger }))
      .use(observe())
      .use(rateLimit())
      .route(router({ accounts }))
      .use(balance())
      .use(expiry())
      .use(receiver())
      .use(client())
      .around(unreachable())
    expectTypeOf(chain).toEqualTypeOf<Chain<IncomingRequest<A>>>()
    expectTypeOf(chain.start).toEqualTypeOf<Lifecycle['start']>()
    expectTypeOf(chain.call({ from: account, prepare })).toEqualTypeOf<Promise<Reply>>()
  })

  it('may be two stacks, the outgoing one being the end of the incoming one', () => {
    const outgoing = stack<OutgoingRequest<A>>().use(balance()).use(client()).around(unreachable())
    const incoming = stack<IncomingRequest<A>>()
      .use(server({ accounts }))
      .route(router({ accounts }))
      .around(outgoing)
    expectTypeOf(incoming).toEqualTypeOf<Chain<IncomingRequest<A>>>()
    assertType<Promise<Reply>>(outgoing.call({ from: account, to: account, incomingAmount: 0n, prepare }))
  })

  it('may end in a receiver, with no router', () => {
    const chain = stack<IncomingRequest<A>>().use(server({ accounts })).use(receiver()).around(unreachable())
    expectTypeOf(chain).toEqualTypeOf<Chain<IncomingRequest<A>>>()
  })

  it('may hold layers in variables', () => {
    const limit = rateLimit()
    const route = router({ accounts })
    const send = httpClient()
    expectTypeOf(stack<IncomingRequest<A>>().use(limit).route(route).around(send)).toEqualTypeOf<
      Chain<IncomingRequest<A>>
    >()
  })

  it('may be put together by hand', () => {
    const end: Service<OutgoingRequest<A>> = httpClient()
    const chain = rateLimit()(router({ accounts })(balance()(expiry()(client()(end)))))
    expectTypeOf(chain).toEqualTypeOf<Service<IncomingRequest<A>>>()
  })
})

describe('a chain that is put together wrong does not compile', () => {
  it('when it ends in a client with no router', () => {
    // @ts-expect-error: a client needs `to`
    stack<IncomingRequest<A>>().use(server({ accounts })).around(httpClient())
  })

  it('when it ends in an outgoing chain with no router', () => {
    const outgoing = stack<OutgoingRequest<A>>().use(balance()).around(httpClient())
    // @ts-expect-error: the outgoing chain needs `to`
    stack<IncomingRequest<A>>().use(server({ accounts })).around(outgoing)
  })

  it('when balance is above the router', () => {
    stack<IncomingRequest<A>>()
      .use(server({ accounts }))
      // @ts-expect-error: balance needs `to` and `incomingAmount`
      .use(balance())
      .route(router({ accounts }))
      .around(httpClient())
  })

  it('when a client is a layer above the router', () => {
    // @ts-expect-error: a client needs `to`
    stack<IncomingRequest<A>>().use(client()).route(router({ accounts })).around(httpClient())
  })

  it('when a server is plugged straight onto a client', () => {
    // @ts-expect-error: the client needs `to`
    server({ accounts })(httpClient())
    const serve: Middleware<IncomingRequest<A>> = server({ accounts })
    // @ts-expect-error
    serve(httpClient())
    // @ts-expect-error
    serve(expiry()(httpClient()))
    // @ts-expect-error: nor does the layer make a `to`
    serve(client()(httpClient()))
  })

  it('when the router is added with use: for what follows there is no `to` then', () => {
    // @ts-expect-error
    stack<IncomingRequest<A>>().use(router({ accounts })).around(httpClient())
    // @ts-expect-error
    stack<IncomingRequest<A>>().use(router({ accounts })).use(balance())
  })

  it('when accounts lack a field that a layer reads', () => {
    // @ts-expect-error: no asset
    stack<OutgoingRequest<ClientAccount>>().use(balance())
    // @ts-expect-error: no url
    stack<OutgoingRequest<BalanceAccount>>().around(httpClient())
    // @ts-expect-error: packetsPerMinute is a string there
    stack<IncomingRequest<Account & { readonly packetsPerMinute: string }>>().use(rateLimit())
    // @ts-expect-error: the server's accounts have no incomingTokens
    server({ accounts: {} as AccountsOf<ClientAccount> })
    // @ts-expect-error: the server authenticates accounts that have less than the chain reads
    stack<IncomingRequest<A>>().use(server({ accounts: {} as AccountsOf<ServerAccount> }))
  })
})

describe('a request', () => {
  const incoming = {} as Service<IncomingRequest<A>>
  const outgoing = {} as Service<OutgoingRequest<A>>

  it('always has the account that it came from', () => {
    // @ts-expect-error: no `from`
    void incoming.call({ prepare })
    // @ts-expect-error: not even a `from` of undefined
    void incoming.call({ from: undefined, prepare })
    // @ts-expect-error: an account with less than the services read
    void incoming.call({ from: {} as Account, prepare })
    // @ts-expect-error: an id that is any text
    void ({} as Service<IncomingRequest>).call({ from: { id: 'bob' }, prepare })
  })

  it('has, past the router, where it goes and what came in', () => {
    // @ts-expect-error: no `to`
    void outgoing.call({ from: account, incomingAmount: 1n, prepare })
    // @ts-expect-error: no `incomingAmount`
    void outgoing.call({ from: account, to: account, prepare })
  })

  it('past the router can be answered by a service for any request, not the other way round', () => {
    assertType<Service<OutgoingRequest<A>>>(incoming)
    // @ts-expect-error
    assertType<Service<IncomingRequest<A>>>(outgoing)
    assertType<Service<IncomingRequest<A>>>({} as Service<IncomingRequest>)
    // @ts-expect-error
    assertType<Service<IncomingRequest>>(incoming)
  })

  it('cannot be changed in place', () => {
    const request = {} as OutgoingRequest<A>
    // @ts-expect-error
    request.prepare = prepare
    // @ts-expect-error
    request.to = account
    // @ts-expect-error
    request.incomingAmount = 1n
  })
})
