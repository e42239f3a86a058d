import { echo } from '@ilp/echo'
import { accountId, type OutgoingRequest, type Service, stack } from '@ilp/service-core'
import { testAccount, testReject } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { pingFromAlice } from '../example/usage.js'

const alice = testAccount('alice', { relation: 'local', ilpAddress: 'test.node.alice' })
const bob = testAccount('bob', { relation: 'peer', ilpAddress: 'test.bob' })
type A = typeof alice

/** Answers what no link takes, in the name of the node that it would have gone to. */
const links: Service<OutgoingRequest<A>> = {
  ready: () => Promise.resolve(),
  call: async ({ prepare }) => testReject({ code: 'F06', triggeredBy: prepare.destination }),
}

test('the example is echoed by bob, and reached by carol all the same', async () => {
  /** alice's node and bob's in one: what is for bob is echoed, and what is for alice is hers. */
  const router = (outgoing: Service<OutgoingRequest<A>>) => {
    const to = (destination: string) => (destination.startsWith('test.node.alice') ? alice : bob)
    return stack<{ from: A; prepare: OutgoingRequest['prepare'] }>()
      .use(
        echo<A>({
          address: () => 'test.bob',
          table: { nextHop: destination => to(destination).id },
          accounts: { get: id => (id === accountId('alice') ? alice : bob) },
          outgoing,
        }),
      )
      .route<OutgoingRequest<A>>(inner => ({
        ready: inner.ready,
        call: ({ from, prepare }) =>
          inner.call({ from, to: to(prepare.destination), prepare, incomingAmount: prepare.units }),
      }))
      .around(outgoing)
  }
  const ping = pingFromAlice(router, links)
  expect(await ping('test.bob')).toMatch(/^echoed in \d+\.\d ms$/)
  expect(await ping('test.carol')).toBe('F06 by test.carol')
})
