import { UINT64_MAX } from '@ilp/oer'
import type { Asset } from '@ilp/service-core'
import {
  type ConnectionClose,
  createReceipt,
  ErrorCode,
  type Frame,
  FrameType,
  type StreamClose,
} from '@ilp/stream-packet'
import type { ReceiptSetup } from './credentials.js'
import type { Stream } from './shares.js'

// The frames that a receiver of money answers with.

export const connectionClose = (errorCode: number, errorMessage: string): ConnectionClose => ({
  type: FrameType.ConnectionClose,
  errorCode,
  errorMessage,
})

export const assetDetails = ({ code, scale }: Asset): Frame => ({
  type: FrameType.ConnectionAssetDetails,
  sourceAssetCode: code,
  sourceAssetScale: scale,
})

export const maxStreamId = (id: number): Frame => ({
  type: FrameType.ConnectionMaxStreamId,
  maxStreamId: BigInt(id),
})

/** There is no limit to the money, but what an integer can tell. */
export const maxMoney = ({ id, totalReceived }: Stream): Frame => ({
  type: FrameType.StreamMaxMoney,
  streamId: BigInt(id),
  receiveMax: UINT64_MAX,
  totalReceived,
})

export const receipt = ({ id, totalReceived }: Stream, setup: ReceiptSetup): Frame => ({
  type: FrameType.StreamReceipt,
  streamId: BigInt(id),
  receipt: createReceipt({ ...setup, streamId: id, totalReceived }),
})

export const streamIsClosed = ({ id }: Stream): StreamClose => ({
  type: FrameType.StreamClose,
  streamId: BigInt(id),
  errorCode: ErrorCode.StreamStateError,
  errorMessage: 'stream is closed',
})

export const takesNoData = ({ id }: Stream): StreamClose => ({
  type: FrameType.StreamClose,
  streamId: BigInt(id),
  errorCode: ErrorCode.ApplicationError,
  errorMessage: 'this receiver takes money, not data',
})

export const NO_DATA: Frame = { type: FrameType.ConnectionMaxData, maxOffset: 0n }

export const noStreamData = ({ id }: Stream): Frame => ({
  type: FrameType.StreamMaxData,
  streamId: BigInt(id),
  maxOffset: 0n,
})
