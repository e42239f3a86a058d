import type { Disposable, Logger } from '@ilp/service-core'

/** Under npm, one Ctrl-C comes twice: from the terminal, and from npm. */
const SAME_SIGNAL_MS = 500

/**
 * Starts `what`, calls `started`, and stops it at the first SIGTERM or SIGINT: packets in flight end, then the process
 * does. A second signal, of either kind, ends it at once.
 */
export async function runUntilSignal(
  what: Disposable,
  logger: Logger,
  started: () => void = () => {},
): Promise<void> {
  const signalled = new Promise<string>(resolve => {
    let firstMs: number | undefined
    const take = (signal: string) => {
      const nowMs = performance.now()
      firstMs ??= nowMs
      if (nowMs - firstMs > SAME_SIGNAL_MS) process.exit(1)
      resolve(signal)
    }
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, take)
  })
  await what.start()
  started()
  const signal = await signalled
  logger.info({ signal }, 'stopping: packets in flight end first')
  await what.stop()
  logger.info({}, 'stopped')
}
