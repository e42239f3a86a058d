import { type IncomingRequest, Prepare, type Reply, type Service } from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import { type Frame, IlpPacketType, type ReceivedStreamPacket, StreamKeys } from '@ilp/stream-packet'
import type { Credentials } from '../src/index.js'

export interface Sending {
  readonly amount?: bigint
  readonly minimum?: bigint
  readonly frames?: readonly Frame[]
  /** 32 octets; the one that the receiver can fulfill unless given. */
  readonly condition?: Uint8Array
  readonly ilpPacketType?: IlpPacketType
  /** Instead of the encrypted packet. */
  readonly data?: Buffer
  readonly destination?: string
}

export interface Answer {
  /** F06, F99, or `fulfilled` when the fulfillment fits. */
  readonly code: string
  readonly reply: Reply
  /** The receiver's STREAM packet, if the reply has one. */
  readonly stream: ReceivedStreamPacket | undefined
  readonly frames: readonly Frame[]
}

/** A sender by hand: it sends what it is told to, right or wrong, and counts its packets. */
export class Sender {
  readonly keys: StreamKeys
  readonly account: string
  sequence = 0n

  constructor(
    readonly service: Service<IncomingRequest>,
    credentials: Credentials,
  ) {
    this.keys = new StreamKeys(credentials.sharedSecret)
    this.account = credentials.destinationAccount
  }

  prepare({ amount = 0n, minimum = 0n, frames = [], ...rest }: Sending): Prepare {
    this.sequence += 1n
    const { ilpPacketType = IlpPacketType.Prepare, destination = this.account } = rest
    const packet = { ilpPacketType, sequence: this.sequence, prepareAmount: minimum, frames }
    const data = rest.data ?? this.keys.encrypt(packet)
    return Prepare.create({
      units: amount,
      expiresAt: new Date(Date.now() + 30_000),
      executionCondition: rest.condition ?? this.keys.condition(data),
      destination,
      data,
    })
  }

  async send(sending: Sending): Promise<Answer> {
    const prepare = this.prepare(sending)
    const reply = await this.service.call({ from: testAccount('alice'), prepare })
    const fulfilled = !('code' in reply)
    if (fulfilled && !reply.fulfills(prepare))
      throw new Error('the fulfillment is not the one of the condition')
    const stream = this.keys.decrypt(reply.data, reply.type as IlpPacketType)
    return { code: fulfilled ? 'fulfilled' : reply.code, reply, stream, frames: stream?.frames ?? [] }
  }
}
