import { UINT64_MAX } from '@ilp/oer'
import type { Asset } from '@ilp/service-core'
import { decodeReceipt, ErrorCode, FrameType, type ReceivedStreamPacket } from '@ilp/stream-packet'

/** The stream that all money goes to. */
export const STREAM_ID = 1n

/** What the receiver has said, in replies that only it can have made. */
export class Receiver {
  asset: Asset | undefined
  /** The receipt with the largest total. */
  receipt: Buffer | undefined
  /** Whether it has closed the stream or the connection. */
  closed = false
  /** The error to close the connection with: the receiver has broken a rule. */
  violation: number | undefined
  #receiptTotal = -1n
  #receiveMax = UINT64_MAX
  #totalReceived = 0n
  #isLimited = false

  hear({ frames, frameError }: ReceivedStreamPacket): void {
    if (frameError !== undefined) this.violation ??= ErrorCode.FrameFormatError
    for (const frame of frames) {
      switch (frame.type) {
        case FrameType.ConnectionClose:
          this.closed = true
          break
        case FrameType.ConnectionAssetDetails:
          this.#hearAsset({ code: frame.sourceAssetCode, scale: frame.sourceAssetScale })
          break
        case FrameType.StreamClose:
          if (frame.streamId === STREAM_ID) this.closed = true
          break
        case FrameType.StreamMaxMoney:
          if (frame.streamId === STREAM_ID) this.#hearLimit(frame.receiveMax, frame.totalReceived)
          break
        case FrameType.StreamReceipt:
          if (frame.streamId === STREAM_ID) this.#hearReceipt(frame.receipt)
          break
      }
    }
  }

  /** What it takes yet, in its own unit. */
  get room(): bigint {
    return this.#receiveMax > this.#totalReceived ? this.#receiveMax - this.#totalReceived : 0n
  }

  /** Details must not change (RFC 29 section 4.3.3). */
  #hearAsset(asset: Asset): void {
    this.asset ??= asset
    if (asset.code !== this.asset.code || asset.scale !== this.asset.scale) {
      this.violation ??= ErrorCode.ProtocolViolation
    }
  }

  /** Limits never fall; replies may come in another order than they were made (RFC 29 section 4.4.4). */
  #hearLimit(receiveMax: bigint, totalReceived: bigint): void {
    if (!this.#isLimited || receiveMax > this.#receiveMax) this.#receiveMax = receiveMax
    this.#isLimited = true
    if (totalReceived > this.#totalReceived) this.#totalReceived = totalReceived
  }

  #hearReceipt(octets: Buffer): void {
    const receipt = decodeReceipt(octets)
    if (!receipt || receipt.streamId !== Number(STREAM_ID) || receipt.totalReceived <= this.#receiptTotal)
      return
    this.#receiptTotal = receipt.totalReceived
    this.receipt = octets
  }
}
