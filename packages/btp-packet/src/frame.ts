/** The types of BTP frames (RFC 23, 'BTP Type IDs'). 3 to 5 are of BTP 1 and not taken. */
export const FrameType = { RESPONSE: 1, ERROR: 2, MESSAGE: 6, TRANSFER: 7 } as const

/** What a sub-protocol's data is, for people who look at it. RFC 23 has these three; others are passed on. */
export const ContentType = { OCTET_STREAM: 0, TEXT: 1, JSON: 2 } as const

/** Octets that a frame can have. The largest ILP packet (RFC 27) has 41,997. */
export const FRAME_LENGTH_MAX = 65_536

/** Sub-protocols that a frame can carry. */
export const SUB_PROTOCOLS_MAX = 64

/** Octets that an Error's `data` can have (RFC 23). */
export const ERROR_DATA_LENGTH_MAX = 8_192

/** The largest request id. */
export const REQUEST_ID_MAX = 0xffff_ffff

/** An entry of a frame's protocol data. The first one of a frame, the primary, decides what the frame is about. */
export interface SubProtocol {
  /** IA5: characters 0 to 127. Unique in its frame. */
  readonly protocolName: string
  /** 0..255 */
  readonly contentType: number
  readonly data: Uint8Array
}

interface Frame {
  /** 0..2^32-1. Unique among the requests under way in one direction of a connection. */
  readonly requestId: number
  readonly protocolData: readonly SubProtocol[]
}

/** A request (RFC 23, 'Message'). */
export interface BtpMessage extends Frame {
  readonly type: typeof FrameType.MESSAGE
}

/** The answer to a request that was processed, whatever its outcome. */
export interface BtpResponse extends Frame {
  readonly type: typeof FrameType.RESPONSE
}

/** The answer to a request that was not processed (RFC 23, 'Error'). */
export interface BtpError extends Frame {
  readonly type: typeof FrameType.ERROR
  /** Three IA5 characters, usually one of RFC 23's. */
  readonly code: string
  /** IA5: the code's name. */
  readonly name: string
  /** To the millisecond. */
  readonly triggeredAt: Date
  /** 0..8,192 octets. */
  readonly data: Uint8Array
}

/** A request that tells of a settlement (RFC 23, 'Transfer'). */
export interface BtpTransfer extends Frame {
  readonly type: typeof FrameType.TRANSFER
  /** 0..2^64-1, in a unit that the peers have agreed on. */
  readonly amount: bigint
}

export type BtpFrame = BtpMessage | BtpResponse | BtpError | BtpTransfer
