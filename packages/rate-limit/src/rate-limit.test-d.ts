import {
  type Account,
  type IncomingRequest,
  type OutgoingRequest,
  type Service,
  stack,
} from '@ilp/service-core'
import { expectTypeOf, test } from 'vitest'
import { incomingRateLimit, outgoingRateLimit, type RateLimitAccount } from './index.js'

interface Rich extends RateLimitAccount {
  readonly url: string
}

const incoming = incomingRateLimit({ address: () => 'test.node' })
const outgoing = outgoingRateLimit({ address: () => 'test.node' })

test('they pass on what more an account has', () => {
  const inner = {} as Service<OutgoingRequest<Rich>>
  expectTypeOf(outgoing(inner)).toEqualTypeOf<Service<OutgoingRequest<Rich>>>()
  stack<IncomingRequest<Rich>>().use(incoming)
  stack<OutgoingRequest<Rich>>().use(outgoing).use(incoming)
})

test('an account without limits is one', () => {
  stack<IncomingRequest<Account>>().use(incoming)
})

test('the one for packets to an account does not stand above the router', () => {
  // @ts-expect-error there is no `to` yet
  stack<IncomingRequest<Rich>>().use(outgoing)
})

test('an amount is no number', () => {
  interface Wrong extends Account {
    readonly rateLimit: { readonly amountPerMinute: number }
  }
  // @ts-expect-error amounts are bigints
  stack<IncomingRequest<Wrong>>().use(incoming)
})
