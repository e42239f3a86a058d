import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Fulfill, type IncomingRequest, Reject, reject, type Service } from '@ilp/service-core'
import { type TestPathOptions, testAccount, testPath } from '@ilp/service-testing'
import { verifyReceipt } from '@ilp/stream-packet'
import {
  localPlugin,
  type MoneyStream,
  type StreamConnection,
  type StreamServer,
  streamCompat,
} from '@ilp/test-peers'
import { describe, expect, it } from 'vitest'
import { type Payment, type Progress, streamSender } from '../src/index.js'

const ASSET = { code: 'EUR', scale: 6 }
const ADDRESS = 'test.connector.receiver'
const RECEIPTS = { nonce: Buffer.alloc(16, 1), secret: Buffer.alloc(32, 2) }

interface Peer {
  readonly service: Pick<Service<IncomingRequest>, 'call'>
  readonly destinationAddress: string
  readonly sharedSecret: Buffer
}

/** What of npm's server is used here beyond what others use. */
interface ReceiptServer extends StreamServer {
  readonly generateAddressAndSecret: (terms?: object) => ReturnType<StreamServer['generateAddressAndSecret']>
}

/** npm's `ilp-protocol-stream` as receiver, with a plugin whose other end is the path. */
async function npmServer(onStream: (stream: MoneyStream) => void, terms?: object): Promise<Peer> {
  const { plugin, deliver } = localPlugin({ address: ADDRESS, asset: ASSET })
  const server = (await streamCompat().createServer({ plugin })) as ReceiptServer
  server.on('connection', (connection: StreamConnection) => connection.on('stream', onStream))
  const { destinationAccount: destinationAddress, sharedSecret } = server.generateAddressAndSecret(terms)
  return { service: { call: ({ prepare }) => deliver(prepare) }, destinationAddress, sharedSecret }
}

interface PeerReply {
  readonly code?: string
  readonly fulfillment: Buffer
  readonly data: Buffer
}

interface PeerMoney {
  readonly accept: () => PeerReply
  readonly setTotalReceived: (total: string) => void
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
    readonly createReply: (prepare: object) => PeerReply | PeerMoney
  }
}

/** npm's `@interledger/stream-receiver`. */
function npmReceiver(): Peer {
  const { StreamServer } = createRequire(import.meta.url)('@interledger/stream-receiver') as PeerModule
  const server = new StreamServer({ serverSecret: Buffer.alloc(32, 1), serverAddress: ADDRESS })
  const { ilpAddress, sharedSecret } = server.generateCredentials({ asset: ASSET, receiptSetup: RECEIPTS })
  let total = 0n
  const accepted = (money: PeerMoney, units: bigint): PeerReply => {
    total += units
    money.setTotalReceived(String(total))
    return money.accept()
  }
  const call = async ({ prepare }: IncomingRequest) => {
    const outcome = server.createReply(prepare)
    const { code, fulfillment, data } = 'accept' in outcome ? accepted(outcome, prepare.units) : outcome
    if (code === undefined) return Fulfill.create({ fulfillment, data })
    return Reject.create({ code, triggeredBy: '', message: '', data })
  }
  return { service: { call }, destinationAddress: ilpAddress, sharedSecret }
}

async function pay(peer: Peer, options: TestPathOptions, payment: Pick<Payment, 'amount' | 'onProgress'>) {
  const { service, destinationAddress, sharedSecret } = peer
  const path = testPath(service, options)
  const sender = streamSender({ service: path, from: testAccount('alice') }, { packetTimeoutMs: 300 })
  const result = await sender.pay({ destinationAddress, sharedSecret, ...payment })
  return { path, result }
}

const unlimited = (stream: MoneyStream): void => stream.setReceiveMax('1000000000')

const peers: [string, () => Promise<Peer> | Peer][] = [
  [
    'ilp-protocol-stream',
    () => npmServer(unlimited, { receiptNonce: RECEIPTS.nonce, receiptSecret: RECEIPTS.secret }),
  ],
  ['@interledger/stream-receiver', npmReceiver],
]

describe.each(peers)('npm’s %s', (_, connect) => {
  it('is paid to the unit, tells its asset, and gives receipts', async () => {
    const { path, result } = await pay(
      await connect(),
      { maxPacketAmount: 1_000n },
      { amount: { source: 54_321n } },
    )
    expect(result).toMatchObject({
      end: 'completed',
      sent: 54_321n,
      delivered: 54_321n,
      quote: { asset: ASSET },
    })
    expect(path.delivered).toBe(54_321n)
    expect(result.receipt && verifyReceipt(result.receipt, RECEIPTS.secret)).toMatchObject({
      totalReceived: 54_321n,
    })
  })

  it('gets a fixed delivery at a rate', async () => {
    const rate = (units: bigint) => (units * 1_234n) / 1_000n
    const { path, result } = await pay(
      await connect(),
      { rate, maxPacketAmount: 700n },
      { amount: { delivery: 10_000n } },
    )
    expect(result.end).toBe('completed')
    expect(result.delivered).toBe(path.delivered)
    // A unit of the sender's is worth more than one of the receiver's.
    expect([10_000n, 10_001n]).toContain(path.delivered)
  })

  it('is paid over a path that loses, delays and reorders, is overloaded and gets narrower', async () => {
    const options: TestPathOptions = {
      maxPacketAmount: 1_000n,
      tellsMaximum: false,
      window: 40,
      delayMs: () => Math.random() * 5,
      loses: index => index % 40 === 0,
      intercept: (_, index) => (index % 30 === 0 ? reject('T00', 'test.connector', 'hiccup') : undefined),
    }
    const onProgress = ({ sent }: Progress) => {
      if (sent > 20_000n) options.maxPacketAmount = 400n
    }
    const { path, result } = await pay(await connect(), options, { amount: { source: 60_000n }, onProgress })
    expect(result).toMatchObject({ end: 'completed', sent: 60_000n, delivered: 60_000n, unknown: 0n })
    expect(path.delivered).toBe(60_000n)
  })

  it('is not paid at a rate that has fallen', async () => {
    const options: TestPathOptions = { maxPacketAmount: 100n }
    const onProgress = ({ sent }: Progress) => {
      if (sent > 0n) options.rate = units => (units * 9n) / 10n
    }
    const { path, result } = await pay(await connect(), options, { amount: { source: 100_000n }, onProgress })
    expect(result.end).toBe('rateTooLow')
    expect(path.delivered).toBe(path.sent)
  })

  it('is paid no more when the path refuses for good', async () => {
    const intercept: TestPathOptions['intercept'] = (_, index) =>
      index === 50 ? reject('F00', 'test.connector', 'no') : undefined
    const { path, result } = await pay(
      await connect(),
      { maxPacketAmount: 1n, intercept },
      { amount: { source: 500n } },
    )
    expect(result).toMatchObject({ end: 'rejected', reject: { code: 'F00' }, sent: path.sent, unknown: 0n })
  })
})

describe('the limit of npm’s ilp-protocol-stream', () => {
  it('is paid up to, and waited for', async () => {
    const streams: MoneyStream[] = []
    const peer = await npmServer(stream => {
      stream.setReceiveMax(500)
      streams.push(stream)
      void once(stream, 'money').then(() => setTimeout(() => stream.setReceiveMax(2_000), 100))
    })
    const { result } = await pay(peer, { maxPacketAmount: 100n }, { amount: { source: 2_000n } })
    expect(result).toMatchObject({ end: 'completed', delivered: 2_000n })
    expect(streams).toHaveLength(1)
  })

  it('ends the payment when it stays', async () => {
    const peer = await npmServer(stream => stream.setReceiveMax(500))
    const { path, result } = await pay(peer, { maxPacketAmount: 100n }, { amount: { source: 2_000n } })
    expect(result).toMatchObject({ end: 'receiverLimit', delivered: 500n })
    // It is told only with the first packet that brings money, when others are under way.
    expect(path.replies.get('F99')).toBeLessThan(10)
  })
})
