import {
  type Account,
  type IncomingRequest,
  type Middleware,
  type OutgoingRequest,
  type Service,
  stack,
} from '@ilp/service-core'
import type { Ledger } from '@ilp/store-traits'
import { test } from 'vitest'
import { type BalanceAccount, balance } from './index.js'

declare const ledger: Ledger
declare const client: Service<OutgoingRequest<BalanceAccount>>
declare const router: Middleware<IncomingRequest<BalanceAccount>, OutgoingRequest<BalanceAccount>>

const layer = balance({ ledger, address: () => 'test.node' })

test('the balance stands behind the router', () => {
  stack<IncomingRequest<BalanceAccount>>().route(router).use(layer).around(client)
  // @ts-expect-error before it, a packet has no account that it goes to
  stack<IncomingRequest<BalanceAccount>>().use(layer).route(router).around(client)
})

test('accounts without an asset have no balance', () => {
  // @ts-expect-error
  stack<OutgoingRequest<Account>>().use(layer).around(client)
})
