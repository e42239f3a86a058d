import { expect, it } from 'vitest'
import { series } from '../test/support/exposition.js'
import { createMetrics, processMetrics } from './index.js'

it('shows how late the event loop came round since the last scrape', async () => {
  const metrics = createMetrics()
  const figures = processMetrics(metrics)
  await figures.start()
  const read = async () => series(await metrics.text())
  await new Promise(resolve => setTimeout(resolve, 30))
  const until = performance.now() + 500
  while (performance.now() < until);
  await new Promise(resolve => setTimeout(resolve, 30))
  const longest = 'nodejs_eventloop_lag_seconds{quantile="1"}'
  const late = await read()
  expect(late.get(longest)).toBeGreaterThan(0.4)
  expect((await read()).get(longest)).toBeLessThan(0.4)
  await figures.stop()
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
    'process_start_time_seconds',
    'nodejs_eventloop_seconds_total{state="active"}',
  ]) {
    expect(late.get(name)).toBeGreaterThan(0)
  }
})
