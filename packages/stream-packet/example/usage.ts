import { FrameType, IlpPacketType, StreamKeys } from '@ilp/stream-packet'

/** The two ends of a connection share a secret; each keeps its keys as long as the connection lasts. */
export function connection(sharedSecret: Uint8Array) {
  const keys = new StreamKeys(sharedSecret)
  return {
    /** The sender's part: `data` and condition of a Prepare that brings money for stream 1, at least `minimum`. */
    prepare: (sequence: bigint, minimum: bigint) => {
      const data = keys.encrypt({
        ilpPacketType: IlpPacketType.Prepare,
        sequence,
        prepareAmount: minimum,
        frames: [{ type: FrameType.StreamMoney, streamId: 1n, shares: 1n }],
      })
      return { data, executionCondition: keys.condition(data) }
    },
    /** The receiver's part: fulfillment and `data` of the Fulfill; undefined when the sender wants another answer. */
    fulfill: (amount: bigint, data: Buffer) => {
      const packet = keys.decrypt(data, IlpPacketType.Prepare)
      if (!packet || packet.frameError !== undefined || amount < packet.prepareAmount) return undefined
      const { sequence } = packet
      const reply = { ilpPacketType: IlpPacketType.Fulfill, sequence, prepareAmount: amount, frames: [] }
      return { fulfillment: keys.fulfillment(data), data: keys.encrypt(reply) }
    },
  }
}
