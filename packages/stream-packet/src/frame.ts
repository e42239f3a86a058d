/** What kind of frame it is, as its first byte says (RFC 29 section 5.3, RFC 39 for the receipt). */
export const FrameType = {
  ConnectionClose: 0x01,
  ConnectionNewAddress: 0x02,
  ConnectionMaxData: 0x03,
  ConnectionDataBlocked: 0x04,
  ConnectionMaxStreamId: 0x05,
  ConnectionStreamIdBlocked: 0x06,
  ConnectionAssetDetails: 0x07,
  StreamClose: 0x10,
  StreamMoney: 0x11,
  StreamMaxMoney: 0x12,
  StreamMoneyBlocked: 0x13,
  StreamData: 0x14,
  StreamMaxData: 0x15,
  StreamDataBlocked: 0x16,
  StreamReceipt: 0x17,
} as const

/** Why a stream or a connection was closed (RFC 29 section 5.4). */
export const ErrorCode = {
  /** Closed normally. */
  NoError: 0x01,
  InternalError: 0x02,
  /** Overloaded for the time being. */
  EndpointBusy: 0x03,
  /** More money or data than the limits that were advertised. */
  FlowControlError: 0x04,
  /** More streams than allowed. */
  StreamIdError: 0x05,
  /** A frame for a stream that is closed. */
  StreamStateError: 0x06,
  /** A frame with invalid syntax. */
  FrameFormatError: 0x07,
  ProtocolViolation: 0x08,
  /** The application that uses STREAM closed it. */
  ApplicationError: 0x09,
} as const

// All numbers of type bigint are 0..2^64-1. Types are named as in RFC 29, and so are their fields.

export interface ConnectionClose {
  readonly type: typeof FrameType.ConnectionClose
  /** 0..255; one of `ErrorCode`, or one that RFC 29 doesn't know. */
  readonly errorCode: number
  readonly errorMessage: string
}

export interface ConnectionNewAddress {
  readonly type: typeof FrameType.ConnectionNewAddress
  /** At most 1,023 characters. Not always an ILP address: senders that can't receive leave it empty. */
  readonly sourceAddress: string
}

export interface ConnectionMaxData {
  readonly type: typeof FrameType.ConnectionMaxData
  /** Bytes that the endpoint takes on this connection in all. */
  readonly maxOffset: bigint
}

export interface ConnectionDataBlocked {
  readonly type: typeof FrameType.ConnectionDataBlocked
  /** Bytes that the endpoint wants to send on this connection in all. */
  readonly maxOffset: bigint
}

export interface ConnectionMaxStreamId {
  readonly type: typeof FrameType.ConnectionMaxStreamId
  /** The largest stream id that the endpoint accepts. */
  readonly maxStreamId: bigint
}

export interface ConnectionStreamIdBlocked {
  readonly type: typeof FrameType.ConnectionStreamIdBlocked
  /** The largest stream id that the endpoint wants to open. */
  readonly maxStreamId: bigint
}

export interface ConnectionAssetDetails {
  readonly type: typeof FrameType.ConnectionAssetDetails
  readonly sourceAssetCode: string
  /** 0..255 */
  readonly sourceAssetScale: number
}

export interface StreamClose {
  readonly type: typeof FrameType.StreamClose
  readonly streamId: bigint
  /** 0..255; one of `ErrorCode`, or one that RFC 29 doesn't know. */
  readonly errorCode: number
  readonly errorMessage: string
}

export interface StreamMoney {
  readonly type: typeof FrameType.StreamMoney
  readonly streamId: bigint
  /** The stream's part of the Prepare's amount, in relation to the shares of all `StreamMoney` frames. */
  readonly shares: bigint
}

export interface StreamMaxMoney {
  readonly type: typeof FrameType.StreamMaxMoney
  readonly streamId: bigint
  /** What the endpoint takes on this stream in all, in its own unit. Larger values are read as 2^64-1. */
  readonly receiveMax: bigint
  /** What it has got on this stream so far, in its own unit. */
  readonly totalReceived: bigint
}

export interface StreamMoneyBlocked {
  readonly type: typeof FrameType.StreamMoneyBlocked
  readonly streamId: bigint
  /** What the endpoint wants to send on this stream in all, in its own unit. Larger values are read as 2^64-1. */
  readonly sendMax: bigint
  readonly totalSent: bigint
}

export interface StreamData {
  readonly type: typeof FrameType.StreamData
  readonly streamId: bigint
  /** Where `data` begins in the stream's bytes. */
  readonly offset: bigint
  readonly data: Buffer
}

export interface StreamMaxData {
  readonly type: typeof FrameType.StreamMaxData
  readonly streamId: bigint
  /** Bytes that the endpoint takes on this stream in all. */
  readonly maxOffset: bigint
}

export interface StreamDataBlocked {
  readonly type: typeof FrameType.StreamDataBlocked
  readonly streamId: bigint
  /** Bytes that the endpoint wants to send on this stream in all. */
  readonly maxOffset: bigint
}

export interface StreamReceipt {
  readonly type: typeof FrameType.StreamReceipt
  readonly streamId: bigint
  /** As `createReceipt` makes it; for the sender just bytes to hand on. */
  readonly receipt: Buffer
}

/** Frames that name a stream. */
export type StreamFrame =
  | StreamClose
  | StreamMoney
  | StreamMaxMoney
  | StreamMoneyBlocked
  | StreamData
  | StreamMaxData
  | StreamDataBlocked
  | StreamReceipt

/** Frames about the connection as a whole. */
export type ConnectionFrame =
  | ConnectionClose
  | ConnectionNewAddress
  | ConnectionMaxData
  | ConnectionDataBlocked
  | ConnectionMaxStreamId
  | ConnectionStreamIdBlocked
  | ConnectionAssetDetails

export type Frame = ConnectionFrame | StreamFrame
