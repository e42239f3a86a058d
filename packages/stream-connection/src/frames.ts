import type { Asset } from '@ilp/service-core'
import { createReceipt, type Frame, FrameType } from '@ilp/stream-packet'
import type { MoneyStream } from './money-stream.js'

// The frames that both ends send, in Prepares and in replies.

export const newAddress = (sourceAddress: string): Frame => ({
  type: FrameType.ConnectionNewAddress,
  sourceAddress,
})

export const assetDetails = ({ code, scale }: Asset): Frame => ({
  type: FrameType.ConnectionAssetDetails,
  sourceAssetCode: code,
  sourceAssetScale: scale,
})

export const maxData = (maxOffset: number): Frame => ({
  type: FrameType.ConnectionMaxData,
  maxOffset: BigInt(maxOffset),
})

export const dataBlocked = (maxOffset: number): Frame => ({
  type: FrameType.ConnectionDataBlocked,
  maxOffset: BigInt(maxOffset),
})

export const maxStreamId = (id: number): Frame => ({
  type: FrameType.ConnectionMaxStreamId,
  maxStreamId: BigInt(id),
})

export const streamIdBlocked = (id: number): Frame => ({
  type: FrameType.ConnectionStreamIdBlocked,
  maxStreamId: BigInt(id),
})

export const streamClose = (id: number, errorCode: number, errorMessage: string): Frame => ({
  type: FrameType.StreamClose,
  streamId: BigInt(id),
  errorCode,
  errorMessage,
})

export const streamMoney = ({ id }: MoneyStream, shares: bigint): Frame => ({
  type: FrameType.StreamMoney,
  streamId: BigInt(id),
  shares,
})

export const streamMaxMoney = ({ id, money }: MoneyStream): Frame => ({
  type: FrameType.StreamMaxMoney,
  streamId: BigInt(id),
  receiveMax: money.receiveMax,
  totalReceived: money.received,
})

export const streamMaxData = ({ id, inbox }: MoneyStream): Frame => ({
  type: FrameType.StreamMaxData,
  streamId: BigInt(id),
  maxOffset: BigInt(inbox.maxOffset),
})

export const streamMoneyBlocked = ({ id, money }: MoneyStream): Frame => ({
  type: FrameType.StreamMoneyBlocked,
  streamId: BigInt(id),
  sendMax: money.sendMax,
  totalSent: money.sent,
})

export const streamDataBlocked = ({ id, outbox }: MoneyStream): Frame => ({
  type: FrameType.StreamDataBlocked,
  streamId: BigInt(id),
  maxOffset: BigInt(outbox.end),
})

export const streamData = ({ id }: MoneyStream, offset: number, data: Buffer): Frame => ({
  type: FrameType.StreamData,
  streamId: BigInt(id),
  offset: BigInt(offset),
  data,
})

/** What a verifier asks receipts for (RFC 39). */
export interface ReceiptSetup {
  /** 16 octets, by which the verifier knows the connection. */
  readonly nonce: Uint8Array
  /** 32 octets that this end and the verifier share. */
  readonly secret: Uint8Array
}

export const streamReceipt = ({ id, money }: MoneyStream, setup: ReceiptSetup): Frame => ({
  type: FrameType.StreamReceipt,
  streamId: BigInt(id),
  receipt: createReceipt({
    ...setup,
    streamId: id,
    totalReceived: money.received,
  }),
})

/** Octets that a frame takes at most, but for its texts and data. */
export const FRAME_OVERHEAD = 40

/** An integer of a frame as a number: what is larger than all numbers is as good as the largest. */
export const toNumber = (value: bigint): number =>
  value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
