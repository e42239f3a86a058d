import type { LoadResult } from '@ilp/test-peers'
import { ILP_CONNECTOR, withBoth } from './btp-connectors.js'
import { alternate, type Measurement } from './measurement.js'
import { median } from './statistics.js'

const WINDOW = 1_000
/** From here on, the load may have been what was measured. */
const LOAD_CPU_MAX = 0.9

export const btpThroughput: Measurement = {
  name: 'btp-throughput',
  what: `BTP in, BTP out, the whole chain, memory store, window ${WINDOW.toLocaleString('en-US')}`,
  unit: 'packets a second',
  peer: ILP_CONNECTOR,
  bar: { atLeast: 10, aim: 15 },
  how: 'Prepares of 142 bytes from one account to another through one connector process; sender and receiver share another process.',
  run: ({ rounds, roundMs, warmupMs }) =>
    withBoth(async (ours, peer) => {
      const load = { window: WINDOW, warmupMs, durationMs: roundMs }
      const results = await alternate(
        rounds,
        () => ours.load(load),
        () => peer.load(load),
      )
      const rates = (side: LoadResult[]) => side.map(({ packetsPerSecond }) => packetsPerSecond)
      const middle = (side: LoadResult[], key: 'cpuMicrosPerPacket' | 'loadCpu') =>
        median(side.map(result => result[key] ?? Number.NaN))
      const loadCpu = middle(results.ours, 'loadCpu')
      return {
        ours: rates(results.ours),
        peer: rates(results.peer),
        remarks: [
          `A packet costs our process ${middle(results.ours, 'cpuMicrosPerPacket').toFixed(1)} µs of CPU time, the peer's ${middle(results.peer, 'cpuMicrosPerPacket').toFixed(1)} µs.`,
          `The load took ${loadCpu.toFixed(2)} of a core against ours${loadCpu > LOAD_CPU_MAX ? ': it was the limit, not our connector' : ''}.`,
        ],
      }
    }),
}
