import type { Logger, OutgoingRequest, Pass } from '@ilp/service-core'

export interface SlowPacketsOptions {
  /** From how long on a packet is slow. */
  readonly slowMs: number
}

export const SLOW_PACKETS_DEFAULTS: SlowPacketsOptions = { slowMs: 1_000 }

export interface SlowPacketsDeps {
  readonly logger: Logger
}

/**
 * Logs the packets whose answers take long, with the next hop that took them.
 * @throws RangeError when `slowMs` is no whole number above 0
 */
export function slowPackets(
  { logger }: SlowPacketsDeps,
  options: Partial<SlowPacketsOptions> = {},
): Pass<OutgoingRequest> {
  const { slowMs } = { ...SLOW_PACKETS_DEFAULTS, ...options }
  if (!(Number.isSafeInteger(slowMs) && slowMs > 0)) {
    throw new RangeError(`slowMs is ${slowMs}, not a whole number above 0`)
  }
  return inner => ({
    ready: inner.ready,
    call: async request => {
      const beganMs = performance.now()
      const reply = await inner.call(request)
      const tookMs = Math.round(performance.now() - beganMs)
      if (tookMs >= slowMs) {
        const outcome = 'code' in reply ? reply.code : 'fulfilled'
        logger.warn({ account: request.to.id, tookMs, outcome }, 'a slow packet')
      }
      return reply
    },
  })
}
