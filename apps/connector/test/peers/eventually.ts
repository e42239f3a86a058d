const PAUSE_MS = 10
const WITHIN_MS = 20_000

/**
 * Looks again and again until `check` passes; throws its last error when it hasn't within the time. For what the
 * connector does by itself and tells nobody.
 */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const untilMs = performance.now() + WITHIN_MS
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > untilMs) throw error
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  }
}
