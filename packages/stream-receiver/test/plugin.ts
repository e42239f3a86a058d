import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { amountTooLarge, type IncomingRequest, Prepare, type Reply, type Service } from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import type { Plugin } from '@ilp/test-peers'

interface IldcpModule {
  readonly serve: (settings: {
    requestPacket: Buffer
    handler: () => Promise<{ clientAddress: string; assetCode: string; assetScale: number }>
    serverAddress: string
  }) => Promise<Buffer>
}

const ildcp = createRequire(import.meta.url)('ilp-protocol-ildcp') as IldcpModule
const CONNECTOR = 'test.node'

/** How packets reach the receiver: what a connector between it and the sender does to them. */
export interface Path {
  /** What arrives of an amount that was sent; all of it at first. */
  rate: (units: bigint) => bigint
  /** Above this amount, F08. */
  maxPacketAmount: bigint
}

/** A sender's plugin whose other end is the service itself. Emits `reply` with the code of each reply. */
export interface InProcessPlugin extends Plugin {
  readonly path: Path
  readonly events: EventEmitter
  /** How often there was which reply: by code, or `fulfilled`. */
  readonly replies: Map<string, number>
  /** What was sent, and what arrived, in packets that were fulfilled. */
  readonly sent: () => bigint
  readonly delivered: () => bigint
}

export function createPlugin(service: Service<IncomingRequest>): InProcessPlugin {
  const from = testAccount('sender')
  const path: Path = { rate: units => units, maxPacketAmount: 2n ** 64n - 1n }
  const events = new EventEmitter()
  const replies = new Map<string, number>()
  let connected = false
  let sent = 0n
  let delivered = 0n

  const forward = (prepare: Prepare): Promise<Reply> => {
    if (prepare.units > path.maxPacketAmount) {
      const reply = amountTooLarge(CONNECTOR, 'too large', prepare.units, path.maxPacketAmount)
      return Promise.resolve(reply)
    }
    return service.call({ from, prepare: prepare.with({ units: path.rate(prepare.units) }) })
  }
  const sendData = async (requestPacket: Buffer): Promise<Buffer> => {
    const prepare = Prepare.decode(requestPacket)
    if (prepare.destination === 'peer.config') {
      const { ilpAddress: clientAddress, asset } = from
      const handler = async () => ({ clientAddress, assetCode: asset.code, assetScale: asset.scale })
      return ildcp.serve({ requestPacket, handler, serverAddress: CONNECTOR })
    }
    const arriving = path.rate(prepare.units)
    const reply = await forward(prepare)
    const code = 'code' in reply ? reply.code : 'fulfilled'
    if (code === 'fulfilled') {
      sent += prepare.units
      delivered += arriving
    }
    replies.set(code, (replies.get(code) ?? 0) + 1)
    events.emit('reply', code)
    return reply.toBuffer()
  }
  return {
    path,
    events,
    replies,
    sent: () => sent,
    delivered: () => delivered,
    sendData,
    isConnected: () => connected,
    connect: async () => {
      connected = true
    },
    disconnect: async () => {
      connected = false
    },
    sendMoney: async () => {},
    // A receiver of money sends nothing by itself.
    registerDataHandler: () => {},
    deregisterDataHandler: () => {},
    registerMoneyHandler: () => {},
    deregisterMoneyHandler: () => {},
  }
}
