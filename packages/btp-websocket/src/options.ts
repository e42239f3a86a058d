import { FRAME_LENGTH_MAX } from '@ilp/btp-packet'

export interface WebSocketOptions {
  /** A ping is sent this often; a peer of which nothing is heard for 2.5 intervals is given up. */
  readonly pingIntervalMs: number
}

export const WEB_SOCKET_DEFAULTS: WebSocketOptions = { pingIntervalMs: 5_000 }

/** What both ends ask of `ws`. */
export const SOCKET_OPTIONS = {
  maxPayload: FRAME_LENGTH_MAX,
  /** Frames that one message may come in. */
  maxFragments: 128,
  /** Chunks that one message may come in. */
  maxBufferedChunks: 1_024,
  /** For how long the peer may take to answer a close. */
  closeTimeout: 1_000,
  perMessageDeflate: false,
  /** Text is not taken at all. */
  skipUTF8Validation: true,
} as const
