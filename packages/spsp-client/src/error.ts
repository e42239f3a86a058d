/** Why a query has no answer. Stable: programs may compare with these. */
export type SpspErrorCode =
  /** It is no payment pointer, and no URL that may be asked. Nobody was asked. */
  | 'ERR_SPSP_POINTER_INVALID'
  /** Somebody on the way has only addresses that must not be connected to: of this machine or of a private network. */
  | 'ERR_SPSP_ADDRESS_REFUSED'
  /** A redirect leads nowhere, or to where queries must not go: in clear text, for instance. */
  | 'ERR_SPSP_REDIRECT_INVALID'
  /** There were more redirects than are followed. */
  | 'ERR_SPSP_REDIRECTS_EXCEEDED'
  /** Somebody on the way has no address, takes no connection, or can't prove who it is; or the connection broke. */
  | 'ERR_SPSP_UNREACHABLE'
  /** There was no whole answer in time. */
  | 'ERR_SPSP_TIMED_OUT'
  /** By the query's signal, or since the client was stopped. */
  | 'ERR_SPSP_CANCELLED'
  /** There is no such receiver: RFC 9's `InvalidReceiverError`, or any other 404. */
  | 'ERR_SPSP_RECEIVER_UNKNOWN'
  /** The endpoint answered with another status than 200: `status` says with which. */
  | 'ERR_SPSP_STATUS'
  /** What the endpoint said is not what SPSP says it should be, or too long. */
  | 'ERR_SPSP_ANSWER_INVALID'

/** A query that told no receiver. */
export class SpspError extends Error {
  override readonly name = 'SpspError'
  readonly code: SpspErrorCode
  /** Who was asked, in turn; the last one is where it ended. */
  readonly hops: readonly URL[]
  /** That of the HTTP response which ended the query, if one did. */
  readonly status: number | undefined

  constructor(
    code: SpspErrorCode,
    message: string,
    details: {
      readonly hops?: readonly URL[]
      readonly status?: number | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.hops = details.hops ?? []
    this.status = details.status
  }
}
