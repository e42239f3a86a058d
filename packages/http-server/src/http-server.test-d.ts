import type { IncomingRequest, OutgoingRequest, Service } from '@ilp/service-core'
import { test } from 'vitest'
import { type HttpServerAccount, type HttpServerDeps, httpServer } from './index.js'

interface Rich extends HttpServerAccount {
  readonly limit: bigint
}

declare const deps: HttpServerDeps<Rich>
declare const behindRouter: Service<OutgoingRequest<Rich>>
declare const incoming: Service<IncomingRequest<Rich>>
declare const richer: Service<IncomingRequest<Rich & { readonly more: string }>>

test('a server passes on requests from the accounts that it authenticates', () => {
  httpServer(deps)(incoming) satisfies Service<IncomingRequest<Rich>>
  // @ts-expect-error there has to be a router between a server and a client
  httpServer(deps)(behindRouter)
  // @ts-expect-error its accounts lack a field that the inner service reads
  httpServer(deps)(richer)
})
