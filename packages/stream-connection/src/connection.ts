import type { Asset } from '@ilp/service-core'
import type { Rate } from '@ilp/stream-path'
import type { StreamError } from './errors.js'
import type { Stream } from './stream.js'

/** A reject as it came from the path. */
export interface RejectInfo {
  readonly code: string
  readonly triggeredBy: string
  readonly message: string
}

/**
 * A connection to another application, for money and bytes on many streams. `for await` gives the streams that the
 * other end opens, as `on('stream')` does; those that came before are kept for the first that asks.
 */
export interface Connection extends AsyncDisposable, AsyncIterable<Stream> {
  readonly isServer: boolean
  readonly isOpen: boolean
  /** What the credentials were issued with, at the server's end. */
  readonly tag: string | undefined
  /** This end's address on this connection; empty when it can't receive. */
  readonly address: string
  /** Where the other end is; undefined while it can't be sent anything. */
  readonly peerAddress: string | undefined
  readonly asset: Asset | undefined
  /** Undefined until the other end has told. */
  readonly peerAsset: Asset | undefined
  /** What the path gives at least, as far as is known; undefined until money was to be sent. */
  readonly rate: Rate | undefined
  /** What packets are held to. */
  readonly minRate: Rate | undefined
  /** The largest packet that the path takes as far as is known, in this end's unit. */
  readonly maxPacketAmount: bigint
  /** In packets that were fulfilled, in this end's unit. */
  readonly totalSent: bigint
  /** What the other end says that it got, in its unit; never less than what it must have got. */
  readonly totalDelivered: bigint
  readonly totalReceived: bigint
  /** In packets that were not answered in time, in this end's unit. */
  readonly unknown: bigint
  /** What the path or the other end refused last. */
  readonly lastReject: RejectInfo | undefined
  /**
   * A new stream, which the other end is told of at once.
   * @throws StreamError when the other end takes no more streams for now, or the connection is closed
   */
  readonly createStream: () => Stream
  /** Called for each stream that the other end opens, before its first money is taken. Returns how to end that. */
  readonly on: (event: 'stream', listener: (stream: Stream) => void) => () => void
  /** Closes all streams as their `close` does, and then the connection. Settles when the other end has been told. */
  readonly close: () => Promise<void>
  /** Closes the connection at once. Settles when the other end has been told, or 2 s later. */
  readonly destroy: (reason?: unknown) => Promise<void>
  /** Settles when it is closed: with an error unless that went by the rules. Never rejects. */
  readonly closed: Promise<StreamError | undefined>
}
