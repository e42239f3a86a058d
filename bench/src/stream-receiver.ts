import { createRequire } from 'node:module'
import { accountId, Prepare, silentLogger, unreachable } from '@ilp/service-core'
import { FrameType, IlpPacketType, StreamKeys } from '@ilp/stream-packet'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { deserializeIlpPrepare, type IlpFulfill, type IlpReject, serializeIlpReply } from 'ilp-packet'
import { versionOf } from './machine.js'
import { alternate, type Measurement } from './measurement.js'
import { ASSET } from './our-connector.js'
import { perSecond } from './per-second.js'

const PACKETS = 10_000
const CONNECTIONS = 100
const ADDRESS = 'test.node.receiver'
const SECRET = Buffer.alloc(32, 1)
const AMOUNT = 1_000n
const EXPIRES_IN_MS = 30_000
const FULFILL_TYPE = 13

/** A receiver: STREAM Prepares in, replies out. */
interface Receiver {
  readonly issue: () => { readonly address: string; readonly secret: Buffer }
  readonly receive: (bytes: Buffer) => Buffer | Promise<Buffer>
}

function ours(): Receiver {
  const receiver = { address: ADDRESS, asset: ASSET }
  const credentials = streamCredentials(SECRET)
  const layer = streamReceiver({ receiverOf: () => receiver, credentials, logger: silentLogger })
  const service = layer({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable(ADDRESS, 'not for the receiver')),
  })
  const from = { id: accountId('alice') }
  return {
    issue: () => {
      const { destinationAccount, sharedSecret } = credentials.issue(ADDRESS)
      return { address: destinationAccount, secret: sharedSecret }
    },
    receive: bytes => service.call({ from, prepare: Prepare.decode(bytes) }).then(reply => reply.toBuffer()),
  }
}

/** What is used of npm's package. Its own types bring those of an older Node. */
interface PeerModule {
  readonly StreamServer: new (options: {
    readonly serverSecret: Buffer
    readonly serverAddress: string
  }) => {
    readonly generateCredentials: (terms: object) => {
      readonly ilpAddress: string
      readonly sharedSecret: Buffer
    }
    readonly createReply: (prepare: object) => IlpReject | { readonly accept: () => IlpFulfill }
  }
}

const PEER = '@interledger/stream-receiver'

function theirs(): Receiver {
  const { StreamServer } = createRequire(import.meta.url)(PEER) as PeerModule
  const server = new StreamServer({ serverSecret: SECRET, serverAddress: ADDRESS })
  return {
    issue: () => {
      const { ilpAddress, sharedSecret } = server.generateCredentials({ asset: ASSET })
      return { address: ilpAddress, secret: sharedSecret }
    },
    receive: bytes => {
      const reply = server.createReply(deserializeIlpPrepare(bytes))
      return serializeIlpReply('accept' in reply ? reply.accept() : reply)
    },
  }
}

/** Packets with money of many connections, which take turns. */
function payments({ issue }: Receiver): Buffer[] {
  const connections = Array.from({ length: CONNECTIONS }, () => {
    const { address, secret } = issue()
    return { address, keys: new StreamKeys(secret) }
  })
  return Array.from({ length: PACKETS }, (_, i) => {
    const { address, keys } = connections[i % CONNECTIONS]!
    const data = keys.encrypt({
      ilpPacketType: IlpPacketType.Prepare,
      sequence: BigInt(Math.floor(i / CONNECTIONS) + 1),
      prepareAmount: AMOUNT,
      frames: [{ type: FrameType.StreamMoney, streamId: 1n, shares: 1n }],
    })
    return Prepare.create({
      units: AMOUNT,
      expiresAt: new Date(Date.now() + EXPIRES_IN_MS),
      executionCondition: keys.condition(data),
      destination: address,
      data,
    }).toBuffer()
  })
}

/** A side that is warm, and that has fulfilled each of its packets. */
async function prepared(receiver: Receiver, warmupMs: number) {
  const packets = payments(receiver)
  for (const packet of packets) {
    const reply = await receiver.receive(packet)
    if (reply[0] !== FULFILL_TYPE) throw new Error(`not fulfilled: ${reply.toString('latin1')}`)
  }
  await perSecond(packets, receiver.receive, warmupMs)
  return (durationMs: number) => perSecond(packets, receiver.receive, durationMs)
}

export const streamReceiverMeasurement: Measurement = {
  name: 'stream-receiver',
  what: 'STREAM receiver, bytes in, bytes out',
  unit: 'packets a second',
  peer: `${PEER} ${versionOf(PEER)}`,
  bar: { atLeast: 4 },
  how: `${PACKETS.toLocaleString('en-US')} different Prepares with money, of ${CONNECTIONS} connections that take turns, over and over, in one process; each is fulfilled.`,
  run: async ({ rounds, roundMs, warmupMs }) => {
    const we = await prepared(ours(), warmupMs)
    const they = await prepared(theirs(), warmupMs)
    const results = await alternate(
      rounds,
      () => we(roundMs / 2),
      () => they(roundMs / 2),
    )
    return { ...results, remarks: [] }
  },
}
