import { UINT64_MAX } from '@ilp/oer'
import { decodeReceipt, type StreamMaxMoney, type StreamReceipt } from '@ilp/stream-packet'
import { larger } from './amounts.js'

/** What the other end has said of one stream. Replies may come in another order than they were made. */
export class PeerStream {
  /** The receipt with the largest total (RFC 39), if it gave any. */
  receipt: Uint8Array | undefined
  #receiptTotal = -1n
  #receiveMax = UINT64_MAX
  #totalReceived = 0n
  #isLimited = false

  /** Limits never fall (RFC 29 section 4.4.4), but for the first, before which there was none. */
  hearLimit({ receiveMax, totalReceived }: Pick<StreamMaxMoney, 'receiveMax' | 'totalReceived'>): void {
    if (!this.#isLimited || receiveMax > this.#receiveMax) this.#receiveMax = receiveMax
    this.#isLimited = true
    this.#totalReceived = larger(this.#totalReceived, totalReceived)
  }

  hearReceipt({ streamId, receipt }: Pick<StreamReceipt, 'streamId' | 'receipt'>): void {
    const decoded = decodeReceipt(receipt)
    if (!decoded || BigInt(decoded.streamId) !== streamId || decoded.totalReceived <= this.#receiptTotal)
      return
    this.#receiptTotal = decoded.totalReceived
    this.receipt = new Uint8Array(receipt)
  }

  /**
   * What it takes yet, in its own unit.
   * @param delivered what is known to have arrived, whatever it has said
   */
  room(delivered = 0n): bigint {
    return larger(0n, this.#receiveMax - larger(delivered, this.#totalReceived))
  }
}
