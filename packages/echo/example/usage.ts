import { echo } from '@ilp/echo'
import { accountId, type IncomingRequest, type OutgoingRequest, stack } from '@ilp/service-core'
import { fulfillingService, scriptedService, testAccount } from '@ilp/service-testing'

const alice = testAccount('alice', { ilpAddress: 'test.alice' })

/** The chain behind the router: what comes out of it is the response, on its way to alice. */
export const outgoing = scriptedService<OutgoingRequest<typeof alice>>()

/** A node whose only neighbour is alice. */
export const incoming = stack<IncomingRequest<typeof alice>>()
  .use(
    echo({
      address: () => 'test.node',
      table: { nextHop: () => accountId('alice') },
      accounts: { get: () => alice },
      outgoing,
    }),
  )
  .around(fulfillingService())
