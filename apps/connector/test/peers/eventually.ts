const PAUSE_MS = 10

/**
 * Looks again and again until `check` passes; throws its last error when it hasn't within the time. For what the
 * connector does by itself and tells nobody.
 */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 5_000): Promise<T> {
  const untilMs = performance.now() + withinMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > untilMs) throw error
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  }
}
