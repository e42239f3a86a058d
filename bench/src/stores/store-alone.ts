import { accountId, silentLogger } from '@ilp/service-core'
import { createLedger, Hold, type LedgerAccount, type Store } from '@ilp/store-traits'
import { alternate, type Figures, type Pace } from '../measurement.js'
import { ASSET } from '../our-connector.js'
import { median } from '../statistics.js'
import { inFlight, type Rate } from './in-flight.js'

/** Packets that are reserved and not committed yet, or under way to the store. */
export const IN_FLIGHT = 1_000

const MIN_BALANCE = -(10n ** 30n)
const HOLD_MS = 60_000

/** What a packet does to the bare driver: the same two steps. */
export interface Bare {
  readonly packet: (worker: number) => Promise<void>
}

/** Packets a second of the store alone, one reserve and one commit each, beside what its bare driver does. */
export async function storeAlone(
  { store, bare, accounts }: { readonly store: Store; readonly bare: Bare; readonly accounts: number },
  { rounds, roundMs, warmupMs }: Pace,
): Promise<Figures> {
  const ledger = createLedger({ store: store.ledger, logger: silentLogger })
  await ledger.start()
  try {
    const known = Array.from({ length: accounts }, (_, i): LedgerAccount => {
      return { id: accountId(`account-${i}`), asset: ASSET, minBalance: MIN_BALANCE }
    })
    const packet = async (worker: number) => {
      const from = known[worker % accounts] as LedgerAccount
      const to = known[(worker + 1) % accounts] as LedgerAccount
      const byMs = Date.now() + HOLD_MS
      const hold = await ledger.reserve({ from, incomingAmount: 10n, to, amount: 9n }, byMs)
      if (!(hold instanceof Hold)) throw new Error(`a reserve was refused: ${hold}`)
      const result = await ledger.commit(hold, byMs)
      if (result !== 'booked') throw new Error(`a commit is ${result}`)
    }
    const time = { warmupMs, durationMs: roundMs }
    const results = await alternate(
      rounds,
      () => inFlight(IN_FLIGHT, packet, time),
      () => inFlight(IN_FLIGHT, bare.packet, time),
    )
    const rates = (side: Rate[]) => side.map(({ perSecond }) => perSecond)
    const cpu = (side: Rate[]) => median(side.map(({ cpuMicrosEach }) => cpuMicrosEach)).toFixed(1)
    return {
      ours: rates(results.ours),
      peer: rates(results.peer),
      remarks: [
        `A packet costs this process ${cpu(results.ours)} µs of CPU time, the bare driver’s ${cpu(results.peer)} µs.`,
      ],
    }
  } finally {
    await ledger.stop()
  }
}
