import {
  type Account,
  accountId,
  type IncomingRequest,
  type OutgoingRequest,
  type Service,
} from '@ilp/service-core'
import { fulfillingService, type TestAccount, testAccount } from '@ilp/service-testing'
import { expectTypeOf, test } from 'vitest'
import { type Payment, type PaymentResult, type StreamSender, streamSender } from './index.js'

declare const incoming: Service<IncomingRequest<TestAccount>>
declare const outgoing: Service<OutgoingRequest<TestAccount>>
declare const credentials: Pick<Payment, 'destinationAddress' | 'sharedSecret'>

test('a sender is put before a chain that takes packets from its account', () => {
  expectTypeOf(streamSender({ service: incoming, from: testAccount('alice') })).toEqualTypeOf<StreamSender>()
  streamSender({ service: fulfillingService(), from: { id: accountId('alice') } })
})

test('the account has all that the chain reads', () => {
  const from: Account = { id: accountId('alice') }
  // @ts-expect-error the chain reads more of an account than its id
  streamSender({ service: incoming, from })
})

test('a chain behind a router is no place for a sender: it needs a `to`', () => {
  // @ts-expect-error a sender's packets don't say where they go next
  streamSender({ service: outgoing, from: testAccount('alice') })
})

test('a payment has one amount, in bigint', () => {
  const fixed = { ...credentials, amount: { source: 5n } } satisfies Payment
  expectTypeOf<StreamSender['pay']>().toBeCallableWith(fixed)
  // @ts-expect-error a number can't hold all amounts
  const inexact: Payment = { ...credentials, amount: { source: 5 } }
  // @ts-expect-error a limit to what is sent is no amount
  const open: Payment = { ...credentials, amount: { sourceMax: 6n } }
  return void [inexact, open]
})

test('what came of it is told in bigint', () => {
  expectTypeOf<PaymentResult['sent' | 'delivered' | 'deliveredMin' | 'unknown']>().toEqualTypeOf<bigint>()
})
