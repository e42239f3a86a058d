/** What the parts of the connector agree on: how long a stop may take, and how their deadlines follow from each other. */
import type { Config } from './config/schema.js'

/**
 * Packets in flight have the first 25 s of a stop. What they leave to wait for then is little, unless a next hop never
 * answers; with the time that sockets have to close, it all adds up to less than 30 s.
 */
export const STOP_TIMEOUTS = {
  inFlight: { drainTimeoutMs: 25_000 },
  listener: { stopTimeoutMs: 500 },
  httpServer: { stopTimeoutMs: 1_500 },
  callbacks: { stopTimeoutMs: 1 },
  httpClient: { stopTimeoutMs: 500 },
  pool: { drainTimeoutMs: 1_000 },
}

/** A hold outlives the packet's outgoing deadline by no more than the time for its way back. */
export const ledgerOptions = ({ leaseMs, expiry: { maxHoldMs, minMessageWindowMs } }: Config) => ({
  leaseMs,
  holdMaxMs: maxHoldMs + minMessageWindowMs,
})

const PEER_TIMEOUT_MS = 5_000

/** The time that `expiry` takes off is for the way back of packets that others wait for. */
export const ccpOptions = ({ routeBroadcastIntervalMs, expiry: { minMessageWindowMs } }: Config) => ({
  routeBroadcastIntervalMs,
  requestTimeoutMs: PEER_TIMEOUT_MS + minMessageWindowMs,
})

const COMMIT_MARGIN_MS = 500

/** A Fulfill may come just before the outgoing deadline: the margin leaves it some of the time for the way back. */
export const balanceOptions = ({ expiry: { maxHoldMs, minMessageWindowMs } }: Config) => ({
  maxHoldMs: maxHoldMs + minMessageWindowMs,
  commitMarginMs: Math.min(COMMIT_MARGIN_MS, Math.floor(minMessageWindowMs / 2)),
})
