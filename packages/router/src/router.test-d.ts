import {
  type Account,
  type IncomingRequest,
  type OutgoingRequest,
  type Service,
  stack,
} from '@ilp/service-core'
import { test } from 'vitest'
import { createRoutingTable, router } from './index.js'

interface Customer extends Account {
  readonly username: string
}

declare const accounts: { readonly get: () => Customer | undefined }
declare const client: Service<OutgoingRequest<Customer>>
declare const receiver: Service<IncomingRequest<Customer>>

const table = createRoutingTable()
const address = () => 'test.node'
const layer = router({ table, accounts, address })

test('a chain has a router between its incoming and its outgoing side', () => {
  stack<IncomingRequest<Customer>>().route(layer).around(client)
  stack<IncomingRequest<Customer>>().route(layer).around(receiver)
  // @ts-expect-error a client, and no router
  stack<IncomingRequest<Customer>>().around(client)
  // @ts-expect-error the router is not passed by
  stack<IncomingRequest<Customer>>().use(layer).around(client)
})

test('the outgoing side gets the accounts that the router reads', () => {
  const nameless = router({ table, accounts: new Map<string, Account>(), address })
  // @ts-expect-error these have no username
  stack<IncomingRequest>().route(nameless).around(client)
})
