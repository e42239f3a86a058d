import { type HttpServerDeps, httpServer } from '@ilp/http-server'
import type { Account, IncomingRequest, OutgoingRequest, Service } from '@ilp/service-core'
import { test } from 'vitest'
import { type HttpClientAccount, type HttpClientDeps, httpClient } from './index.js'

interface Rich extends HttpClientAccount {
  readonly limit: bigint
}

declare const deps: HttpClientDeps
declare const incoming: Service<IncomingRequest<Rich>>
declare const outgoing: Service<OutgoingRequest<Rich>>
type Served = HttpClientAccount & { readonly username: string }
declare const servedFrom: HttpServerDeps<Served>
declare const served: Service<IncomingRequest<Served>>

interface WrongCallback extends Account {
  readonly username: string
  readonly http?: { readonly callbackUrl: number }
}
declare const otherLinks: Service<OutgoingRequest<Account & { readonly http: string }>>

test('a client takes requests that have a next hop, and whatever more their accounts have', () => {
  httpClient(deps)(outgoing) satisfies Service<OutgoingRequest<Rich>>
  // @ts-expect-error there has to be a router before it
  httpClient(deps)(incoming)
  // @ts-expect-error the accounts have something else where their link belongs
  httpClient(deps)(otherLinks)
})

test('an account that only the client has a link for may stand before a server', () => {
  httpServer(servedFrom)(served) satisfies Service<IncomingRequest<Served>>
  // @ts-expect-error what the server reads there has to be of its type
  httpServer<WrongCallback>
})
