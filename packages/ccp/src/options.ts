export interface CcpOptions {
  /** How often a peer that wants routes hears of this node when nothing changes. */
  readonly routeBroadcastIntervalMs: number
  /** The least time between two updates to a peer: what changes in between is told together. */
  readonly updateIntervalMs: number
  /** For how long a request to a peer may take. */
  readonly requestTimeoutMs: number
  /** The longest path of a route that is taken from a peer, in addresses. */
  readonly pathMax: number
  /** Routes that are kept of one peer; those beyond are dropped. */
  readonly routesPerPeerMax: number
}

/** `updateIntervalMs` is a thirtieth of `routeBroadcastIntervalMs` where that is less than 30,000. */
export const CCP_DEFAULTS: CcpOptions = {
  routeBroadcastIntervalMs: 30_000,
  updateIntervalMs: 1_000,
  requestTimeoutMs: 10_000,
  pathMax: 32,
  routesPerPeerMax: 100_000,
}

const OPTION_MAX = 86_400_000

/** @throws RangeError when an option is no whole number in 1..86,400,000 */
export function checkOptions(options: Partial<CcpOptions>): CcpOptions {
  const { routeBroadcastIntervalMs = CCP_DEFAULTS.routeBroadcastIntervalMs } = options
  const updateIntervalMs = Math.ceil(routeBroadcastIntervalMs / 30)
  const all = {
    ...CCP_DEFAULTS,
    updateIntervalMs: Math.min(updateIntervalMs, CCP_DEFAULTS.updateIntervalMs),
    ...options,
  }
  for (const [name, value] of Object.entries(all)) {
    if (!(Number.isInteger(value) && value >= 1 && value <= OPTION_MAX)) {
      throw new RangeError(`${name} is ${value}, not a whole number in 1..${OPTION_MAX}`)
    }
  }
  return all
}

/**
 * For how long others may use this node's routes when they hear nothing, in broadcast intervals; and for how long at
 * least this node uses theirs, since some deployed nodes tell a time that their own heartbeats barely keep.
 */
export const HOLD_DOWN_INTERVALS = 1.5

/** The longest that a peer's routes are used when nothing is heard of it, whatever it tells. */
export const HOLD_DOWN_MAX_MS = 3_600_000
