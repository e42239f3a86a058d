import { startOurs } from '../btp-connectors.js'
import { alternate, type Figures, type Pace } from '../measurement.js'
import { median } from '../statistics.js'
import { inFlight } from './in-flight.js'
import { type Bare, IN_FLIGHT } from './store-alone.js'

/** Packets a second through a connector process on this store, beside what the bare driver of the store does alone. */
export async function throughConnector(
  { store, bare }: { readonly store: string; readonly bare: Bare },
  { rounds, roundMs, warmupMs }: Pace,
): Promise<Figures> {
  const connector = await startOurs({ store })
  const time = { warmupMs, durationMs: roundMs }
  try {
    const { ours, peer } = await alternate(
      rounds,
      () => connector.load({ window: IN_FLIGHT, ...time }),
      () => inFlight(IN_FLIGHT, bare.packet, time),
    )
    const cpu = median(ours.map(({ cpuMicrosPerPacket }) => cpuMicrosPerPacket ?? Number.NaN))
    return {
      ours: ours.map(({ packetsPerSecond }) => packetsPerSecond),
      peer: peer.map(({ perSecond }) => perSecond),
      remarks: [`A packet costs the connector’s process ${cpu.toFixed(1)} µs of CPU time.`],
    }
  } finally {
    await connector.stop()
  }
}
