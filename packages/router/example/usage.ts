import { createRoutingTable, router } from '@ilp/router'
import { type Account, accountId, type IncomingRequest, stack } from '@ilp/service-core'
import { fulfillingService, testPrepare } from '@ilp/service-testing'

const alice: Account = { id: accountId('alice') }
const bob: Account = { id: accountId('bob') }
const accounts = new Map([alice, bob].map(account => [account.id, account]))

const table = createRoutingTable()
table.put('test.bob', bob.id)
table.put('', alice.id)

/** Where a packet from alice for this destination goes. */
export async function whereTo(destination: string): Promise<string> {
  let nextHop = 'nowhere'
  const chain = stack<IncomingRequest>()
    .route(router({ table, accounts, address: () => 'test.node' }))
    .use(inner => ({
      ready: inner.ready,
      call: request => {
        nextHop = request.to.id
        return inner.call(request)
      },
    }))
    .around(fulfillingService())
  await chain.call({ from: alice, prepare: testPrepare({ destination }) })
  return nextHop
}
