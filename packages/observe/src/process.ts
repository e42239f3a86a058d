import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { type Disposable, lifecycle } from '@ilp/service-core'
import type { Metrics } from './metrics.js'

/** How often the event loop's delay is looked at. */
const RESOLUTION_MS = 10

/**
 * Adds the figures of this process: event loop, memory, CPU. The delay of the event loop is measured from `start` to `stop`; its quantiles are those since the scrape before.
 */
export function processMetrics({ add }: Pick<Metrics, 'add'>): Disposable {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  add({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'How late the event loop came round since the last scrape, by quantile; 1 is the longest.',
    type: 'gauge',
    read: () => {
      const samples = [0.5, 0.99, 1].map(quantile => ({
        labels: { quantile: String(quantile) },
        value: lagSeconds(delays, quantile),
      }))
      delays.reset()
      return samples
    },
  })
  const loopMs = (state: 'active' | 'idle') => performance.eventLoopUtilization()[state]
  add({
    name: 'nodejs_eventloop_seconds_total',
    help: 'Time that the event loop was at work (active), and that it waited (idle).',
    type: 'counter',
    read: () =>
      (['active', 'idle'] as const).map(state => ({ labels: { state }, value: loopMs(state) / 1_000 })),
  })
  add({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of this process, user and system.',
    type: 'counter',
    read: () => {
      const { user, system } = process.cpuUsage()
      return [{ value: (user + system) / 1e6 }]
    },
  })
  add({
    name: 'process_resident_memory_bytes',
    help: 'Memory of this process.',
    type: 'gauge',
    read: () => [{ value: process.memoryUsage.rss() }],
  })
  add({
    name: 'nodejs_heap_size_used_bytes',
    help: "JavaScript's heap in use.",
    type: 'gauge',
    read: () => [{ value: process.memoryUsage().heapUsed }],
  })
  add({
    name: 'process_start_time_seconds',
    help: 'When this process began, in seconds since 1970.',
    type: 'gauge',
    read: () => [{ value: performance.timeOrigin / 1_000 }],
  })
  return lifecycle({
    start: async () => void delays.enable(),
    stop: async () => void delays.disable(),
  })
}

/** A turn without delay counts as one interval of the timer that looks. */
function lagSeconds(delays: IntervalHistogram, quantile: number): number {
  if (delays.count === 0) return 0
  const nanos = quantile === 1 ? delays.max : delays.percentile(quantile * 100)
  return Math.max(0, nanos / 1e9 - RESOLUTION_MS / 1_000)
}
