import { type IncomingRequest, type OutgoingRequest, stack } from '@ilp/service-core'
import { fulfillingService, testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { describe, expect, it } from 'vitest'
import { allowList } from '../src/index.js'

const bob = testAccount('bob')
const service = allowList({
  address: () => 'test.node',
  lists: { prefixesOf: account => (account === bob.id ? ['test.shop', 'test.node.alice'] : undefined) },
})(fulfillingService())
const send = (from: typeof bob, destination: string) =>
  service.call({ from, prepare: testPrepare({ destination }) })

describe('an account with a list', () => {
  it.each(['test.shop', 'test.shop.till', 'test.node.alice'])('sends to %s', async destination => {
    expect(await send(bob, destination)).toEqual(testFulfill())
  })

  it.each(['test.shops', 'test.node', 'g.shop'])('does not send to %s', async destination => {
    expect(await send(bob, destination)).toMatchObject({ code: 'F02', triggeredBy: 'test.node' })
  })
})

it('an account without one sends anywhere', async () => {
  expect(await send(testAccount('carol'), 'test.anywhere')).toEqual(testFulfill())
})

it('what is passed on is the request itself, and its answer the inner one', () => {
  const request = { from: bob, prepare: testPrepare({ destination: 'test.shop' }) }
  const answer = Promise.resolve(testFulfill())
  const seen: IncomingRequest[] = []
  const layer = allowList({ address: () => '', lists: { prefixesOf: () => undefined } })<IncomingRequest>({
    ready: () => Promise.resolve(),
    call: inner => {
      seen.push(inner)
      return answer
    },
  })
  expect(layer.call(request)).toBe(answer)
  expect(seen).toEqual([request])
})

it('the compiler lets it stand on either side of the router', () => {
  const layer = allowList({ address: () => '', lists: { prefixesOf: () => undefined } })
  stack<IncomingRequest>().use(layer)
  stack<OutgoingRequest>().use(layer)
})
