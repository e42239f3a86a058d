import { ErrorCode, type Frame, FrameType } from '@ilp/stream-packet'

export const UINT64_MAX = 2n ** 64n - 1n

export const money = (streamId: bigint, shares = 1n): Frame => ({
  type: FrameType.StreamMoney,
  streamId,
  shares,
})

/** What the receiver tells of a stream. From a sender it only names the stream. */
export const maxMoney = (streamId: bigint, totalReceived: bigint): Frame => ({
  type: FrameType.StreamMaxMoney,
  streamId,
  receiveMax: UINT64_MAX,
  totalReceived,
})

export const data = (streamId: bigint, octets: string): Frame => ({
  type: FrameType.StreamData,
  streamId,
  offset: 0n,
  data: Buffer.from(octets),
})

export const noStreamData = (streamId: bigint): Frame => ({
  type: FrameType.StreamMaxData,
  streamId,
  maxOffset: 0n,
})

export const streamClose = (streamId: bigint): Frame => ({
  type: FrameType.StreamClose,
  streamId,
  errorCode: ErrorCode.NoError,
  errorMessage: '',
})

export const newAddress = (sourceAddress: string): Frame => ({
  type: FrameType.ConnectionNewAddress,
  sourceAddress,
})

export const assetDetails = (sourceAssetCode: string): Frame => ({
  type: FrameType.ConnectionAssetDetails,
  sourceAssetCode,
  sourceAssetScale: 9,
})

export const maxStreamId = (id: bigint): Frame => ({ type: FrameType.ConnectionMaxStreamId, maxStreamId: id })

export const noData: Frame = { type: FrameType.ConnectionMaxData, maxOffset: 0n }

export const connectionClose: Frame = {
  type: FrameType.ConnectionClose,
  errorCode: ErrorCode.NoError,
  errorMessage: '',
}

/** A frame that is malformed: an address is never that long. */
export const malformed: Frame = newAddress('x'.repeat(1_024))
