import { echoRequest } from '@ilp/echo-packet'
import { type AccountId, accountId, type IncomingRequest, type OutgoingRequest } from '@ilp/service-core'
import { scriptedService, TEST_CONDITION, testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { describe, expect, test } from 'vitest'
import { echo } from './echo.js'

const alice = testAccount('alice')
const bob = testAccount('bob')
type A = typeof alice

function scene(routes: Record<string, string> = { 'test.alice': 'alice', 'test.bob': 'bob' }) {
  const outgoing = scriptedService<OutgoingRequest<A>>()
  const inner = scriptedService<IncomingRequest<A>>()
  const accounts = new Map<AccountId, A>([alice, bob].map(account => [account.id, account]))
  const nextHop = (destination: string) => {
    const id = routes[destination]
    return id === undefined ? undefined : accountId(id)
  }
  const service = echo<A>({ address: () => 'test.node', table: { nextHop }, accounts, outgoing })(inner)
  return { outgoing, inner, service }
}

const expiresAt = new Date(Date.now() + 10_000)
const request = (source: string, destination = 'test.node') => ({
  from: alice,
  prepare: echoRequest({ destination, source, units: 7n, expiresAt, executionCondition: TEST_CONDITION }),
})

describe('an echo request', () => {
  test.each([
    ['to the account that it came from', 'test.alice', alice],
    ['to another one', 'test.bob', bob],
  ])('is answered %s, where the route to its source leads', async (_, source, to) => {
    const { outgoing, inner, service } = scene()
    const reply = service.call(request(source))
    const call = await outgoing.next()
    expect(call.request).toMatchObject({ from: alice, to, incomingAmount: 7n })
    expect(call.request.prepare).toMatchObject({
      destination: source,
      units: 7n,
      expiresAt,
      executionCondition: TEST_CONDITION,
    })
    expect(call.request.prepare.data.toString('latin1')).toBe('ECHOECHOECHOECHO\x01')
    const fulfill = testFulfill({ data: Buffer.from('as it is') })
    call.answer(fulfill)
    expect(await reply).toBe(fulfill)
    expect(inner.waiting()).toBe(0)
  })

  test('gets the reject that the response gets', async () => {
    const { outgoing, service } = scene()
    const reply = service.call(request('test.bob'))
    ;(await outgoing.next()).reject('T01')
    expect(await reply).toMatchObject({ code: 'T01', triggeredBy: 'test.receiver' })
  })

  test.each([
    ['nobody has a route to', 'test.nobody'],
    ['is this node', 'test.node'],
    ['is in the other network', 'g.alice'],
    ['is a peer protocol', 'peer.config'],
    ['is never forwarded', 'self.alice'],
  ])('whose source %s gets F02', async (_, source) => {
    const { service, outgoing } = scene(source === 'test.nobody' ? {} : { [source]: 'alice' })
    expect(await service.call(request(source))).toMatchObject({ code: 'F02', triggeredBy: 'test.node' })
    expect(outgoing.waiting()).toBe(0)
  })

  test('whose route leads to an account that is gone gets F02', async () => {
    const { service } = scene({ 'test.bob': 'gone' })
    expect(await service.call(request('test.bob'))).toMatchObject({ code: 'F02' })
  })

  test.each([2, 255])('of type %i gets F01', async type => {
    const data = Buffer.concat([Buffer.from('ECHOECHOECHOECHO'), Buffer.of(type)])
    const reply = await scene().service.call({
      from: alice,
      prepare: testPrepare({ destination: 'test.node', data }),
    })
    expect(reply).toMatchObject({ code: 'F01', triggeredBy: 'test.node' })
  })

  test('without a source gets F01', async () => {
    const data = Buffer.concat([Buffer.from('ECHOECHOECHOECHO'), Buffer.of(0, 5, 1)])
    const reply = await scene().service.call({
      from: alice,
      prepare: testPrepare({ destination: 'test.node', data }),
    })
    expect(reply).toMatchObject({ code: 'F01', message: expect.any(String) })
  })
})

describe('is passed on as it is:', () => {
  const response = Buffer.from('ECHOECHOECHOECHO\x01', 'latin1')
  test.each([
    ['a request to somebody else', request('test.alice', 'test.bob')],
    ['a request to somebody below this node', request('test.alice', 'test.node.alice')],
    ['a response', { from: alice, prepare: testPrepare({ destination: 'test.node', data: response }) }],
    [
      'other data',
      { from: alice, prepare: testPrepare({ destination: 'test.node', data: Buffer.from('ECHO') }) },
    ],
    ['no data', { from: alice, prepare: testPrepare({ destination: 'test.node' }) }],
  ])('%s', async (_, packet) => {
    const { service, inner, outgoing } = scene()
    const reply = service.call(packet)
    const call = await inner.next()
    expect(call.request).toBe(packet)
    call.fulfill()
    expect(await reply).toEqual(testFulfill())
    expect(outgoing.waiting()).toBe(0)
  })
})
