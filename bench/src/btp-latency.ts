import type { LoadResult } from '@ilp/test-peers'
import { ILP_CONNECTOR, withBoth } from './btp-connectors.js'
import { alternate, type Measurement } from './measurement.js'
import { median } from './statistics.js'

export const btpLatency: Measurement = {
  name: 'btp-latency',
  what: 'the same with window 1: median latency',
  unit: 'ms',
  peer: ILP_CONNECTOR,
  bar: { atMost: 0.6 },
  how: 'As before, one Prepare after another; the process of sender and receiver polls instead of sleeping, so that its own wake-ups count for neither side.',
  run: ({ rounds, roundMs, warmupMs }) =>
    withBoth(async (ours, peer) => {
      const load = { window: 1, warmupMs, durationMs: roundMs, busyPoll: true }
      const results = await alternate(
        rounds,
        () => ours.load(load),
        () => peer.load(load),
      )
      const latencies = (side: LoadResult[], key: 'p50' | 'p99') =>
        side.map(({ latencyMs }) => latencyMs[key])
      const late = (side: LoadResult[]) => median(latencies(side, 'p99')).toFixed(2)
      return {
        ours: latencies(results.ours, 'p50'),
        peer: latencies(results.peer, 'p50'),
        remarks: [
          `99 of 100 take at most ${late(results.ours)} ms with ours, ${late(results.peer)} ms with the peer.`,
        ],
      }
    }),
}
