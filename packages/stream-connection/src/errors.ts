/** Why a connection, a stream, or something asked of one failed. */
export type StreamErrorCode =
  /** This end closed it before that was done. */
  | 'ERR_STREAM_CLOSED'
  /** The other end closed it: `errorCode` is its reason. */
  | 'ERR_STREAM_CLOSED_BY_PEER'
  /** The other end broke a rule of RFC 29: `errorCode` is what it was told. */
  | 'ERR_STREAM_PROTOCOL'
  /** Nobody answered, or the path refused a packet for good. */
  | 'ERR_STREAM_UNREACHABLE'
  /** For the idle time, the other end said nothing. */
  | 'ERR_STREAM_IDLE'
  /** The other end takes no more streams for now. */
  | 'ERR_STREAM_LIMIT'
  /** The connection has had its 2^31 packets. */
  | 'ERR_STREAM_EXHAUSTED'
  /** What became of some money is unknown, and it is not sent again. */
  | 'ERR_STREAM_UNKNOWN'
  /** The link threw instead of answering. */
  | 'ERR_STREAM_LINK'

/** An operational failure of a connection or a stream. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly code: StreamErrorCode
  /** The code of RFC 29 section 5.4 that passed between the ends, if one did. */
  readonly errorCode: number | undefined

  constructor(code: StreamErrorCode, message: string, errorCode?: number) {
    super(message)
    this.code = code
    this.errorCode = errorCode
  }
}
