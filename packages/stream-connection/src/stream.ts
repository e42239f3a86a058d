import type { StreamError } from './errors.js'

export interface WaitOptions {
  /** Ends the waiting, and with `sendTotal` the sending. */
  readonly signal?: AbortSignal
}

export interface StreamEvents {
  /** Money has come, in this end's unit; told before the Fulfill leaves. */
  readonly money: (amount: bigint) => void
  /** Money has arrived at the other end, in this end's unit. */
  readonly sent: (amount: bigint) => void
}

/**
 * Money and bytes, both ways, as one part of a connection. All totals are since the stream was opened, and all amounts
 * are in this end's unit.
 */
export interface Stream extends AsyncDisposable {
  /** Odd when the client opened it, even when the server did. */
  readonly id: number
  readonly isOpen: boolean
  /** Bytes from the other end, in order. Nothing is asked for in advance: what isn't read holds the other end back. */
  readonly readable: ReadableStream<Uint8Array>
  /**
   * Bytes to the other end. A write settles when they are under way; closing it closes the stream as `close` does,
   * and aborting it as `destroy`. RFC 29 knows no end of one direction only.
   */
  readonly writable: WritableStream<Uint8Array>
  /** In packets that were fulfilled. */
  readonly totalSent: bigint
  /** In packets that were not answered in time, or with what proves nothing: it may be spent, and is not sent again. */
  readonly unknown: bigint
  readonly totalReceived: bigint
  /** What may be sent in all. */
  readonly sendMax: bigint
  /**
   * What is taken in all. It can be passed by 1 % of the last that was missing, and a unit: the other end computes in
   * its own unit, and some round up.
   */
  readonly receiveMax: bigint
  /** The receipt with the largest total (RFC 39), if the other end gives any: 58 octets for the verifier. */
  readonly receipt: Uint8Array | undefined
  /**
   * Sends up to `total` in all, at the path's pace and as far as the other end takes it.
   * @throws RangeError below what is sent or under way, or above 2^64-1
   * @throws StreamError when the stream is closed
   */
  readonly setSendMax: (total: bigint) => void
  /**
   * Takes up to `total` in all.
   * @throws RangeError below what was promised before, or above 2^64-1
   * @throws StreamError when the stream is closed
   */
  readonly setReceiveMax: (total: bigint) => void
  /**
   * Raises `sendMax` to `total` and settles when that much has arrived. When the signal aborts, no more is sent.
   * @throws StreamError when the stream closes before, or when some of it is `unknown`
   */
  readonly sendTotal: (total: bigint, options?: WaitOptions) => Promise<void>
  /**
   * Raises `receiveMax` to `total` and settles when that much has come.
   * @throws StreamError when the stream closes before
   */
  readonly receiveTotal: (total: bigint, options?: WaitOptions) => Promise<void>
  /** Returns how to stop listening. What a listener throws is logged. */
  readonly on: <Event extends keyof StreamEvents>(event: Event, listener: StreamEvents[Event]) => () => void
  /**
   * Closes the stream when all that was written has arrived, and all money up to `sendMax` that the other end takes.
   * Settles when that is so, or when the stream is closed otherwise.
   */
  readonly close: () => Promise<void>
  /** Closes the stream at once. What has not arrived is given up; money under way may arrive yet. */
  readonly destroy: (reason?: unknown) => void
  /** Settles when it is closed: with an error unless that went by the rules. Never rejects. */
  readonly closed: Promise<StreamError | undefined>
}
