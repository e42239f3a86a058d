import { batch, computed, signal } from '@preact/signals'
import { api } from '../api/client.js'
import { pause } from '../api/pause.js'
import type { Traffic } from '../api/types.js'
import { type Reading, ratesOf, recent, withReading } from '../format/rates.js'

const INTERVAL_MS = 1_000
/** An answer that takes longer says nothing of now. */
const ANSWER_MS_MAX = 5_000

/** When what passes was asked for last, with or without an answer: the charts end there. */
export const askedAtMs = signal(Date.now())
export const readings = signal<readonly Reading[]>([])
export const rates = computed(() => ratesOf(readings.value))
/** The last reading, unless the connector has not answered since. */
export const current = computed(() => {
  const last = readings.value.at(-1)
  return last?.atMs === askedAtMs.value ? last : undefined
})

/** Reads what passes, once a second while the page is seen, until the signal is aborted. */
export async function watchTraffic(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (!document.hidden) await read(signal)
    await pause(INTERVAL_MS, signal)
  }
}

async function read(signal: AbortSignal): Promise<void> {
  // That the connector can't be reached is shown by the events, which flow over a connection of their own.
  const traffic = await api<Traffic>('/traffic', {
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
  }).catch(() => undefined)
  if (signal.aborted) return
  const atMs = Date.now()
  batch(() => {
    readings.value = traffic ? withReading(readings.value, { atMs, traffic }) : recent(readings.value, atMs)
    askedAtMs.value = atMs
  })
}
