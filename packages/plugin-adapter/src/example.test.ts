import {
  type IncomingRequest,
  type Middleware,
  type OutgoingRequest,
  type Prepare,
  unreachable,
} from '@ilp/service-core'
import { testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { nodeBetween } from '../example/usage.js'
import { servicePlugin } from './index.js'

const alice = testAccount('alice')
const bob = testAccount('bob')
type A = typeof alice

test('the example carries a packet from a program to a peer’s chain', async () => {
  // The peer is a chain, too: its plugin is the link of the example.
  const peer = servicePlugin({ account: testAccount('node'), address: () => 'test.bob' })
  const received: Prepare[] = []
  const peerChain = peer.server({
    ready: () => Promise.resolve(),
    call: async ({ prepare }) => {
      received.push(prepare)
      return testFulfill()
    },
  })
  await peerChain.start?.()
  const router: Middleware<IncomingRequest<A>, OutgoingRequest<A>> = inner => ({
    ready: inner.ready,
    call: ({ from, prepare }) => inner.call({ from, to: bob, incomingAmount: prepare.units, prepare }),
  })
  const { chain, plugin } = nodeBetween(alice, { account: bob, plugin: peer.plugin }, router, {
    ready: () => Promise.resolve(),
    call: async () => unreachable('test.node', 'no link'),
  })
  await using _ = chain
  await chain.start()
  await plugin.connect()
  const answer = await plugin.sendData(testPrepare({ units: 5n }).toBuffer())
  expect(answer).toEqual(testFulfill().toBuffer())
  expect(received[0]).toMatchObject({ units: 5n })
})
