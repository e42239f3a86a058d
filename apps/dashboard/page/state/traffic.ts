import { computed, signal } from '@preact/signals'
import { api } from '../api/client.js'
import { pause } from '../api/pause.js'
import type { Traffic } from '../api/types.js'
import { type Reading, ratesOf, withReading } from '../format/rates.js'

const INTERVAL_MS = 1_000
/** Two minutes, and the reading before them. */
export const READINGS_MAX = 121

export const readings = signal<readonly Reading[]>([])
export const rates = computed(() => ratesOf(readings.value))

/** Reads what passes, once a second while the page is seen, until the signal is aborted. */
export async function watchTraffic(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (!document.hidden) await read(signal)
    await pause(INTERVAL_MS, signal)
  }
}

async function read(signal: AbortSignal): Promise<void> {
  try {
    const traffic = await api<Traffic>('/traffic', { signal })
    readings.value = withReading(readings.value, { atMs: Date.now(), traffic }, READINGS_MAX)
  } catch {
    // That the connector can't be reached is shown by the events, which flow over a connection of their own.
  }
}
