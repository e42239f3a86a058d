import type { Asset } from '@ilp/service-core'
import { ErrorCode, FrameType, type ReceivedStreamPacket } from '@ilp/stream-packet'
import { PeerStream } from '@ilp/stream-path'

/** The stream that all money goes to. */
export const STREAM_ID = 1n

/** What the receiver has said, in replies that only it can have made. */
export class Receiver {
  asset: Asset | undefined
  /** What it says of the one stream. */
  readonly stream = new PeerStream()
  /** Whether it has closed the stream or the connection. */
  closed = false
  /** The error to close the connection with: the receiver has broken a rule. */
  violation: number | undefined

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
          if (frame.streamId === STREAM_ID) this.stream.hearLimit(frame)
          break
        case FrameType.StreamReceipt:
          if (frame.streamId === STREAM_ID) this.stream.hearReceipt(frame)
          break
      }
    }
  }

  /** Details must not change (RFC 29 section 4.3.3). */
  #hearAsset(asset: Asset): void {
    this.asset ??= asset
    if (asset.code !== this.asset.code || asset.scale !== this.asset.scale) {
      this.violation ??= ErrorCode.ProtocolViolation
    }
  }
}
