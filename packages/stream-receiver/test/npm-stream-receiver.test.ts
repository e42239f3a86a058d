import { createRequire } from 'node:module'
import { Fulfill, type IncomingRequest, Reject, type Service } from '@ilp/service-core'
import { FrameType, IlpPacketType } from '@ilp/stream-packet'
import { expect, it } from 'vitest'
import { connectionClose, data, malformed, money, newAddress } from './frames.js'
import { receiver, receiving } from './receiving.js'
import { type Answer, Sender, type Sending } from './sender.js'

interface PeerReply {
  readonly code?: string
  readonly fulfillment: Buffer
  readonly data: Buffer
}

/** The parts of npm's `@interledger/stream-receiver` that are used here. */
interface PeerModule {
  readonly StreamServer: new (options: {
    serverSecret: Buffer
    serverAddress: string
  }) => {
    readonly generateCredentials: (terms: object) => {
      readonly ilpAddress: string
      readonly sharedSecret: Buffer
    }
    readonly createReply: (prepare: object) => PeerReply | { readonly accept: () => PeerReply }
  }
}

const { StreamServer } = createRequire(import.meta.url)('@interledger/stream-receiver') as PeerModule

const toOurs = (): Sender => receiving().connect()

const toTheirs = (): Sender => {
  const server = new StreamServer({ serverSecret: Buffer.alloc(32, 1), serverAddress: receiver.address })
  const { ilpAddress, sharedSecret } = server.generateCredentials({ asset: receiver.asset })
  const service: Service<IncomingRequest> = {
    ready: () => Promise.resolve(),
    call: async ({ prepare }) => {
      const outcome = server.createReply(prepare)
      const { code, fulfillment, data } = 'accept' in outcome ? outcome.accept() : outcome
      if (code === undefined) return Fulfill.create({ fulfillment, data })
      return Reject.create({ code, triggeredBy: '', message: '', data })
    },
  }
  return new Sender(service, { destinationAccount: ilpAddress, sharedSecret })
}

const condition = Buffer.alloc(32)

it.each<[string, string, Sending]>([
  ['money', 'fulfilled', { amount: 10n, minimum: 10n, frames: [money(1n)] }],
  ['nothing, which can be fulfilled', 'fulfilled', { frames: [money(1n)] }],
  ['a probe', 'F99', { amount: 10n, condition, frames: [newAddress('test.sender')] }],
  ['less than the minimum', 'F99', { amount: 9n, minimum: 10n, frames: [money(1n)] }],
  ['the end of the connection', 'F99', { condition, frames: [connectionClose] }],
  ['data that does not decrypt', 'F06', { amount: 10n, data: Buffer.alloc(60) }],
  [
    'an account that was never issued',
    'F06',
    { amount: 10n, destination: `${receiver.address}.${'A'.repeat(44)}` },
  ],
])('answers %s as npm’s @interledger/stream-receiver does: %s', async (_, code, sending) => {
  const [ours, theirs] = [await toOurs().send(sending), await toTheirs().send(sending)]
  expect([ours.code, theirs.code]).toEqual([code, code])
  expect(ours.stream?.prepareAmount).toBe(theirs.stream?.prepareAmount)
  expect(ours.stream?.sequence).toBe(theirs.stream?.sequence)
  const details = ({ frames }: Answer) =>
    frames.filter(({ type }) => type === FrameType.ConnectionAssetDetails)
  expect(details(ours)).toEqual(details(theirs))
})

interface Difference {
  readonly what: string
  readonly sending: Sending
  readonly ours: string
  readonly theirs: string
  readonly because: string
}

it.each<Difference>([
  {
    what: 'an address without a token',
    sending: { destination: receiver.address },
    ours: 'F06',
    theirs: 'F02',
    because: 'it is reachable, and what comes is not STREAM (RFC 29 section 4.2)',
  },
  {
    what: 'another type of packet',
    sending: { ilpPacketType: IlpPacketType.Fulfill },
    ours: 'F06',
    theirs: 'F00',
    because: 'it is to be treated as if it did not decrypt (RFC 29 section 5.2)',
  },
  {
    what: 'money for no stream',
    sending: { amount: 10n },
    ours: 'F99',
    theirs: 'fulfilled',
    because: 'no total and no receipt would count it',
  },
  {
    what: 'an even stream',
    sending: { amount: 10n, frames: [money(2n)] },
    ours: 'F99',
    theirs: 'fulfilled',
    because: 'a client opens odd ones (RFC 29 section 4.4.1)',
  },
  {
    what: 'too large a stream',
    sending: { amount: 10n, frames: [money(21n)] },
    ours: 'F99',
    theirs: 'fulfilled',
    because: 'the maximum is 20 (RFC 29 section 3.3)',
  },
  {
    what: 'money with data',
    sending: { amount: 10n, frames: [money(1n), data(1n, 'hello')] },
    ours: 'F99',
    theirs: 'fulfilled',
    because: 'a Fulfill says that the data has arrived (RFC 29 section 3.6)',
  },
  {
    what: 'an address of 1,024 characters',
    sending: { amount: 10n, frames: [money(1n), malformed] },
    ours: 'F99',
    theirs: 'fulfilled',
    because: 'ILP addresses are shorter (RFC 15)',
  },
])('answers $what with $ours, where npm’s gives $theirs: $because', async ({ sending, ours, theirs }) => {
  expect((await toOurs().send(sending)).code).toBe(ours)
  expect((await toTheirs().send(sending)).code).toBe(theirs)
})
