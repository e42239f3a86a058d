import { type Account, type IncomingRequest, type OutgoingRequest, stack } from '@ilp/service-core'
import { fulfillingService, recordingLogger, type TestAccount } from '@ilp/service-testing'
import { test } from 'vitest'
import { type MoneyReceived, type Receiver, streamCredentials, streamReceiver } from './index.js'

const common = { credentials: streamCredentials(Buffer.alloc(32)), logger: recordingLogger() }
const receiver: Receiver = { address: 'test.alice', asset: { code: 'USD', scale: 9 } }

test('a receiver that looks at the packet alone needs no router, and may stand behind one', () => {
  const layer = streamReceiver({
    ...common,
    receiverOf: ({ prepare }) => (prepare.units > 0n ? receiver : undefined),
  })
  stack<IncomingRequest<TestAccount>>().use(layer).around(fulfillingService())
  stack<OutgoingRequest<TestAccount>>().use(layer).around(fulfillingService())
})

test('one that looks at where the packet was routed to can only stand behind a router', () => {
  const layer = streamReceiver({
    ...common,
    receiverOf: ({ to }: OutgoingRequest<TestAccount>) =>
      to.relation === 'local' ? { address: to.ilpAddress, asset: to.asset } : undefined,
  })
  stack<OutgoingRequest<TestAccount>>().use(layer).around(fulfillingService())
  // @ts-expect-error an incoming request has no `to`
  stack<IncomingRequest<TestAccount>>().use(layer).around(fulfillingService())
  // @ts-expect-error these accounts lack the fields that it reads
  stack<OutgoingRequest<Account>>().use(layer).around(fulfillingService())
})

test('the application is told of the accounts and receivers that the chain has', () => {
  streamReceiver({
    ...common,
    receiverOf: (request: IncomingRequest<TestAccount>) => ({ ...receiver, owner: request.from.username }),
    onMoney: ({ from, receiver: { owner }, amount }) => {
      const told: [string, string, bigint] = [from.username, owner, amount]
      return void told
    },
  })
})

test('an application that asks for less can be told of more', () => {
  const onMoney = (_: MoneyReceived): void => {}
  streamReceiver({ ...common, receiverOf: (_: IncomingRequest<TestAccount>) => receiver, onMoney })
})
