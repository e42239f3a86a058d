import { UINT64_MAX } from '@ilp/oer'
import { ErrorCode, type Frame, FrameType } from '@ilp/stream-packet'
import { STREAM_ID } from './receiver.js'

// The frames that a sender of money sends.

/** All of the packet's money is for the one stream. */
export const MONEY: readonly Frame[] = [{ type: FrameType.StreamMoney, streamId: STREAM_ID, shares: 1n }]

/**
 * With the first packets: makes the receiver tell its asset and limit, and says that there is nothing to send to
 * here. Senders without an address for packets leave it empty.
 */
export const GREETING: readonly Frame[] = [
  { type: FrameType.ConnectionNewAddress, sourceAddress: '' },
  { type: FrameType.StreamMaxMoney, streamId: STREAM_ID, receiveMax: 0n, totalReceived: 0n },
]

export const moneyBlocked = (sendMax: bigint, totalSent: bigint): Frame => ({
  type: FrameType.StreamMoneyBlocked,
  streamId: STREAM_ID,
  sendMax: sendMax < UINT64_MAX ? sendMax : UINT64_MAX,
  totalSent,
})

export const connectionClose = (errorCode: number = ErrorCode.NoError): Frame => ({
  type: FrameType.ConnectionClose,
  errorCode,
  errorMessage: '',
})
