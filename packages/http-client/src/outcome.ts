import {
  badRequest,
  connectorBusy,
  decodeReply,
  InvalidPacketError,
  internalError,
  peerUnreachable,
  type Reject,
  type Reply,
} from '@ilp/service-core'

export const OK = 200
const TOO_LARGE = 413
const TOO_MANY = 429

/**
 * What a peer's whole response means for the packet. Nothing of it but its status gets into a reject of ours.
 * @param address this node's ILP address
 */
export function replyOf(status: number, body: Buffer, address: string): Reply {
  if (status !== OK) return rejectOf(status, address)
  try {
    return decodeReply(body)
  } catch (error) {
    if (!(error instanceof InvalidPacketError)) throw error
    return internalError(address, 'the next hop answered with something that is no Fulfill or Reject')
  }
}

function rejectOf(status: number, address: string): Reject {
  // RFC 27: a node that is limited by its next hop tells its sender that it is busy itself.
  if (status === TOO_MANY) return connectorBusy(address, 'the next hop takes no more packets for now')
  if (status === TOO_LARGE) return badRequest(address, 'the next hop takes no packet of this size')
  // A wrong URL, a wrong token, a redirect: no packet gets through until somebody mends it.
  if (isMisconfiguration(status))
    return peerUnreachable(address, `the next hop refuses packets with status ${status}`)
  return internalError(address, `the next hop answered with status ${status}`)
}

/** Whether the status says that the two nodes are not set up for each other. */
export const isMisconfiguration = (status: number): boolean =>
  status >= 300 && status < 500 && status !== TOO_MANY && status !== TOO_LARGE
