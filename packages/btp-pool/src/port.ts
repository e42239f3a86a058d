/** What a port tells its owner. */
export interface PortListener {
  /** One whole message has come. */
  readonly message: (bytes: Buffer) => void
  /** The port is closed, by either side or by a fault. Called once. */
  readonly closed: () => void
}

/**
 * A connection that carries whole messages in order, both ways: a WebSocket, or anything like it. None of its
 * functions throws. What comes before somebody listens is kept; nothing comes once it is closing.
 */
export interface MessagePort {
  /** Names who listens from now on, in place of who did before. A port that is closed already says so in a moment. */
  readonly listen: (listener: PortListener) => void
  /** Sends a message, which belongs to the port from here on. Does nothing once the port is closing. */
  readonly send: (bytes: Buffer) => void
  /** Octets that were handed to `send` and have not left this process. */
  readonly unsentBytes: () => number
  /** Sends what is unsent, tells the peer why, and closes; within a bounded time, whatever the peer does. */
  readonly close: (reason: CloseReason) => void
}

/** Why this side closes: the peer breaks the protocol, is too slow to read, or the link isn't wanted any more. */
export type CloseReason = 'violation' | 'overrun' | 'going-away'
