import { isFulfill, Prepare, type Reply } from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import { type Frame, IlpPacketType, StreamKeys, type StreamPacket } from '@ilp/stream-packet'
import { streamCredentials } from '@ilp/stream-receiver'
import {
  type Connection,
  chainLink,
  createServer,
  type ServerDeps,
  type ServerOptions,
} from '../src/index.js'
import { SERVER_ASSET } from './net.js'

const ADDRESS = 'test.net.server'

export interface Sent {
  readonly amount?: bigint
  readonly minimum?: bigint
  readonly frames?: readonly Frame[]
  /** Instead of the frames. */
  readonly data?: Buffer
  readonly fulfillable?: boolean
}

/** A client made of bare packets, and the server that gets them. */
export function bareClient(options: ServerOptions = {}, deps: Partial<ServerDeps> = {}) {
  const calls: Prepare[] = []
  const link = chainLink({
    // What the server sends to the client gets nowhere but here.
    service: () => ({
      call: ({ prepare }) => {
        calls.push(prepare)
        return new Promise<Reply>(() => {})
      },
    }),
    from: testAccount('server'),
    address: () => ADDRESS,
    asset: SERVER_ASSET,
  })
  const server = createServer({ link, credentials: streamCredentials(Buffer.alloc(32, 3)), ...deps }, options)
  const connections: Connection[] = []
  server.on('connection', connection => connections.push(connection))
  const { destinationAccount, sharedSecret } = server.issueCredentials()
  const keys = new StreamKeys(sharedSecret)
  const layer = link.layer({
    ready: () => Promise.resolve(),
    call: () => Promise.reject(new Error('not ours')),
  })
  let sequence = 0n
  /** Sends a packet and reads the answer. */
  const send = async ({ amount = 0n, minimum = 0n, frames = [], data, fulfillable = true }: Sent) => {
    sequence += 1n
    const packet: StreamPacket = {
      ilpPacketType: IlpPacketType.Prepare,
      sequence,
      prepareAmount: minimum,
      frames,
    }
    const octets = data ?? keys.encrypt(packet)
    const prepare = Prepare.create({
      units: amount,
      expiresAt: new Date(Date.now() + 30_000),
      executionCondition: fulfillable ? keys.condition(octets) : Buffer.alloc(32),
      destination: destinationAccount,
      data: octets,
    })
    const reply = await layer.call({ from: testAccount('anybody'), prepare })
    const words = keys.decrypt(reply.data, reply.type as IlpPacketType)
    const code = isFulfill(reply) ? 'fulfilled' : reply.code
    return { code, reply, frames: words?.frames ?? [], sequence: words?.sequence, got: words?.prepareAmount }
  }
  return { send, sharedSecret, server, calls, connection: () => connections[0] as Connection, connections }
}
