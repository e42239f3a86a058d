import {
  type Account,
  accountId,
  type IncomingRequest,
  type OutgoingRequest,
  type Service,
  stack,
} from '@ilp/service-core'
import { type TestAccount, testAccount } from '@ilp/service-testing'
import { streamCredentials } from '@ilp/stream-receiver'
import type { Plugin } from '@ilp/test-peers'
import { expectTypeOf, test } from 'vitest'
import {
  type ChainLink,
  type Connection,
  type ConnectionDeps,
  type ConnectionOptions,
  chainLink,
  createConnection,
  type createPluginLink,
  createServer,
  type Link,
  type Rate,
  type Stream,
  type StreamServer,
} from './index.js'

declare const incoming: Service<IncomingRequest<TestAccount>>
declare const outgoing: Service<OutgoingRequest<TestAccount>>
declare const link: ChainLink
declare const stream: Stream
declare const secret: Uint8Array

test('a link sends into a chain that takes packets from its account', () => {
  expectTypeOf(chainLink({ service: () => incoming, from: testAccount('alice') })).toEqualTypeOf<ChainLink>()
})

test('the account has all that the chain reads', () => {
  const from: Account = { id: accountId('alice') }
  // @ts-expect-error the chain reads more of an account than its id
  chainLink({ service: () => incoming, from })
})

test('a chain behind a router is no place to send into: it needs a `to`', () => {
  // @ts-expect-error a link's packets don't say where they go next
  chainLink({ service: () => outgoing, from: testAccount('alice') })
})

test('the layer of a link goes into chains before and behind a router', () => {
  expectTypeOf(stack<IncomingRequest<TestAccount>>().use(link.layer).around(incoming)).toExtend<
    Service<IncomingRequest<TestAccount>>
  >()
  expectTypeOf(stack<OutgoingRequest<TestAccount>>().use(link.layer).around(outgoing)).toExtend<
    Service<OutgoingRequest<TestAccount>>
  >()
})

test('a plugin of npm’s, and credentials of a receiver’s, are taken as they are', () => {
  expectTypeOf<Plugin>().toExtend<Parameters<typeof createPluginLink>[0]>()
  expectTypeOf(createServer({ link, credentials: streamCredentials(secret) })).toEqualTypeOf<StreamServer>()
})

test('a client needs a link, an address and a secret', () => {
  const deps = { link, destinationAddress: 'test.server', sharedSecret: secret } satisfies ConnectionDeps
  expectTypeOf(createConnection(deps)).resolves.toEqualTypeOf<Connection>()
  const { sharedSecret, ...others } = deps
  // @ts-expect-error nothing can be encrypted without a secret
  const wrong: ConnectionDeps = others
  return void [sharedSecret, wrong]
})

test('amounts and rates are bigint', () => {
  expectTypeOf<
    Stream['totalSent' | 'totalReceived' | 'unknown' | 'sendMax' | 'receiveMax']
  >().toEqualTypeOf<bigint>()
  expectTypeOf<Connection['maxPacketAmount' | 'totalDelivered' | 'totalReceived']>().toEqualTypeOf<bigint>()
  expectTypeOf<Rate>().toEqualTypeOf<{ readonly delivered: bigint; readonly sent: bigint }>()
  // @ts-expect-error a number can't hold all amounts
  const options: ConnectionOptions = { receiveMax: 5 }
  // @ts-expect-error likewise
  stream.setReceiveMax(5)
  // @ts-expect-error likewise
  const sending = stream.sendTotal('5')
  return void [options, sending]
})

test('listeners are told what their event is about', () => {
  stream.on('money', amount => expectTypeOf(amount).toEqualTypeOf<bigint>())
  // @ts-expect-error there is no such event
  stream.on('data', () => {})
  expectTypeOf<Connection>().toExtend<AsyncIterable<Stream>>()
  expectTypeOf<ChainLink>().toExtend<Link>()
})
