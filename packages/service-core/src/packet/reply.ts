import { Type } from 'ilp-packet'
import { InvalidPacketError } from './envelope.js'
import { Fulfill } from './fulfill.js'
import { Reject } from './reject.js'

/** What a Prepare is answered with. Told apart by `type`, or with `isFulfill`. */
export type Reply = Fulfill | Reject

export const isFulfill = (reply: Reply): reply is Fulfill => reply.type === Type.TYPE_ILP_FULFILL

/** @throws InvalidPacketError for anything but a Fulfill or a Reject */
export function decodeReply(bytes: Buffer): Reply {
  if (bytes[0] === Type.TYPE_ILP_FULFILL) return Fulfill.decode(bytes)
  if (bytes[0] === Type.TYPE_ILP_REJECT) return Reject.decode(bytes)
  throw new InvalidPacketError(`packet of type ${bytes[0]} is no reply`)
}
