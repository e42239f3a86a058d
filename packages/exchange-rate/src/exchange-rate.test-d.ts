import {
  type Account,
  type IncomingRequest,
  type OutgoingRequest,
  type Service,
  stack,
} from '@ilp/service-core'
import { expectTypeOf, test } from 'vitest'
import { type ExchangeRateAccount, exchangeRate } from './index.js'

const layer = exchangeRate({ address: () => 'test.node' })

interface Rich extends ExchangeRateAccount {
  readonly url: string
}

test('it passes on what more an account has', () => {
  const inner = {} as Service<OutgoingRequest<Rich>>
  expectTypeOf(layer(inner)).toEqualTypeOf<Service<OutgoingRequest<Rich>>>()
  stack<OutgoingRequest<Rich>>().use(layer)
})

test('it does not stand above the router', () => {
  // @ts-expect-error there is no `to` yet
  stack<IncomingRequest<Rich>>().use(layer)
})

test('it needs the asset of an account', () => {
  // @ts-expect-error an account without an asset
  stack<OutgoingRequest<Account>>().use(layer)
})
