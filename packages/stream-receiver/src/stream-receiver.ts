import { hash } from 'node:crypto'
import {
  type Asset,
  applicationError,
  Fulfill,
  type IncomingRequest,
  type Logger,
  type Pass,
  type Prepare,
  type Reply,
  unexpectedPayment,
} from '@ilp/service-core'
import { IlpPacketType, RECEIPT_STREAM_ID_MAX } from '@ilp/stream-packet'
import { Connection } from './connection.js'
import type { StreamCredentials } from './credentials.js'
import { Recent } from './recent.js'
import type { Part } from './shares.js'

/** Where money is received. */
export interface Receiver {
  /** Its ILP address; the accounts of connections lie one segment below. */
  readonly address: string
  /** What the amounts of its packets are counted in. */
  readonly asset: Asset
}

/** Money that has come on one stream, in one packet. */
export interface MoneyReceived<Request extends IncomingRequest = IncomingRequest, R = Receiver> {
  /** The account that the packet came from. */
  readonly from: Request['from']
  readonly receiver: R
  /** The sender's `destinationAccount`, which names the connection. */
  readonly connection: string
  /** What the credentials were issued with. */
  readonly tag: string | undefined
  /** 1..255, odd. */
  readonly streamId: number
  /** More than 0, in the receiver's unit. */
  readonly amount: bigint
  /** All that has come on this stream, this included, as far as it is remembered. */
  readonly totalReceived: bigint
}

export interface StreamReceiverDeps<
  Request extends IncomingRequest = IncomingRequest,
  R extends Receiver = Receiver,
> {
  /** The receiver that the packet is for; undefined to pass it on. Asked for each packet. */
  readonly receiverOf: (request: Request) => R | undefined
  readonly credentials: Pick<StreamCredentials, 'open'>
  /**
   * Told of money when the packet has been decided to be fulfilled, before the Fulfill leaves. What it throws, or
   * rejects with, is logged and changes nothing.
   */
  readonly onMoney?: (money: MoneyReceived<Request, R>) => void | Promise<void>
  readonly logger: Logger
  /** Milliseconds since 1970; the system's clock unless given. */
  readonly now?: () => number
}

export interface StreamReceiverOptions {
  /** Connections that are remembered at a time, at least 2. */
  readonly connectionsMax?: number
  /** How long a connection without packets is remembered at least, in ms. */
  readonly connectionIdleMs?: number
  /** Streams that a connection may have open at a time, 1..127. */
  readonly openStreamsMax?: number
}

export const STREAM_RECEIVER_DEFAULTS: Required<StreamReceiverOptions> = {
  connectionsMax: 20_000,
  connectionIdleMs: 600_000,
  openStreamsMax: 10,
}

/**
 * Answers the STREAM packets of this node's receivers (RFC 29) and passes everything else on. A packet of a connection
 * is fulfilled when its data decrypts, the condition is the connection's and the amount is no less than the sender
 * wants; all else is rejected with what the sender needs to know. Nothing is kept of a packet that doesn't decrypt.
 */
export function streamReceiver<
  Request extends IncomingRequest = IncomingRequest,
  R extends Receiver = Receiver,
>(deps: StreamReceiverDeps<Request, R>, options: StreamReceiverOptions = {}): Pass<Request> {
  const { connectionsMax, connectionIdleMs, openStreamsMax } = validate({
    ...STREAM_RECEIVER_DEFAULTS,
    ...options,
  })
  const { receiverOf, credentials, logger, now = Date.now } = deps
  const connections = new Recent<Connection>(connectionsMax, connectionIdleMs)

  const tell = (request: Request, receiver: R, connection: Connection, { stream, units }: Part): void => {
    if (!deps.onMoney || units === 0n) return
    const failed = (err: unknown) => logger.error({ err, connection: connection.account }, 'onMoney failed')
    try {
      const told = deps.onMoney({
        from: request.from,
        receiver,
        connection: connection.account,
        tag: connection.tag,
        streamId: stream.id,
        amount: units,
        totalReceived: stream.totalReceived,
      })
      told?.catch(failed)
    } catch (err) {
      failed(err)
    }
  }

  const answer = (request: Request, receiver: R): Reply => {
    const { prepare } = request
    const { address, asset } = receiver
    const nowMs = now()
    const known = connections.get(prepare.destination, nowMs)
    const connection = known ?? open(address, prepare.destination)
    const { data } = prepare
    const packet = connection?.keys.decrypt(data, IlpPacketType.Prepare)
    if (!connection || !packet) return unexpectedPayment(address, 'no STREAM packet of a connection')
    if (!known) connections.add(prepare.destination, connection, nowMs)
    if (connection.exhausted) return applicationError(address, 'connection has had its last packet')

    const amount = prepare.units
    const fulfillment = connection.keys.fulfillment(data)
    const outcome = connection.take({ packet, amount, fulfillable: fits(fulfillment, prepare), asset })
    const reply = connection.keys.encrypt({
      ilpPacketType: outcome.fulfilled ? IlpPacketType.Fulfill : IlpPacketType.Reject,
      sequence: packet.sequence,
      prepareAmount: amount,
      frames: outcome.frames,
    })
    if (!outcome.fulfilled) return applicationError(address, outcome.reason, reply)
    for (const part of outcome.money) tell(request, receiver, connection, part)
    return Fulfill.create({ fulfillment, data: reply })
  }

  const open = (address: string, destination: string): Connection | undefined => {
    const opened = credentials.open(address, destination)
    return opened && new Connection(opened, openStreamsMax)
  }

  return inner => ({
    ready: inner.ready,
    call: request => {
      const receiver = receiverOf(request)
      return receiver ? Promise.resolve(answer(request, receiver)) : inner.call(request)
    },
  })
}

const fits = (fulfillment: Buffer, prepare: Prepare): boolean =>
  hash('sha256', fulfillment, 'hex') === prepare.conditionHex()

function validate(options: Required<StreamReceiverOptions>): Required<StreamReceiverOptions> {
  const expect = (name: keyof StreamReceiverOptions, least: number, most = Number.MAX_SAFE_INTEGER) => {
    const value = options[name]
    if (Number.isInteger(value) && value >= least && value <= most) return
    throw new RangeError(`${name} is ${value}, not a whole number from ${least} to ${most}`)
  }
  expect('connectionsMax', 2)
  expect('connectionIdleMs', 1)
  expect('openStreamsMax', 1, Math.floor(RECEIPT_STREAM_ID_MAX / 2))
  return options
}
