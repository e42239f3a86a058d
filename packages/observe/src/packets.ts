import { type Cells, Direction, OTHERS } from './cells.js'
import { CODE_LABELS } from './codes.js'
import type { Labels, Metrics, Sample } from './metrics.js'
import { turnClock } from './turn-clock.js'

export interface PacketMetricsOptions {
  /** Accounts with time series of their own in each direction; those that come later share one. */
  readonly accountsMax: number
}

export const PACKET_METRICS_DEFAULTS: PacketMetricsOptions = { accountsMax: 500 }

/** What packets of a node are counted in: one for its metrics, shared by both directions. */
export interface PacketMetrics {
  /** Packets by the account that they came from. */
  readonly incoming: Direction
  /** Packets by the account that they went to. */
  readonly outgoing: Direction
  /** What they are timed with, in milliseconds: goes on with each turn of the event loop. */
  readonly now: () => number
}

/**
 * Counts packets, and adds to `metrics` what is counted.
 * @throws RangeError when an option is no whole number from 0 up
 */
export function packetMetrics(
  metrics: Pick<Metrics, 'add'>,
  options: Partial<PacketMetricsOptions> = {},
): PacketMetrics {
  const { accountsMax } = { ...PACKET_METRICS_DEFAULTS, ...options }
  if (!(Number.isSafeInteger(accountsMax) && accountsMax >= 0)) {
    throw new RangeError(`accountsMax is ${accountsMax}, not a whole number from 0 up`)
  }
  const incoming = new Direction(accountsMax)
  const outgoing = new Direction(accountsMax)
  const all = function* (samples: (direction: Direction, name: string) => Iterable<Sample>) {
    yield* samples(incoming, 'incoming')
    yield* samples(outgoing, 'outgoing')
  }
  const byAccount = (samples: (cells: Cells, labels: Labels) => Iterable<Sample>) => () =>
    all(function* (counts, direction) {
      for (const [account, counted] of counts.cells()) yield* samples(counted, { account, direction })
    })

  metrics.add({
    name: 'ilp_packets_total',
    help: 'Prepares answered, by the account they came from (incoming) or went to (outgoing). failed: a service threw.',
    type: 'counter',
    read: byAccount(outcomes),
  })
  metrics.add({
    name: 'ilp_rejects_total',
    help: 'Rejects by code; codes that RFC 27 does not name count as Fxx, Txx, Rxx or other.',
    type: 'counter',
    read: byAccount(rejects),
  })
  metrics.add({
    name: 'ilp_fulfilled_units_total',
    help: "Amounts fulfilled, in the account's unit. Counted exactly, shown as the nearest double.",
    type: 'counter',
    // Others have units of different kinds, which have no sum.
    read: byAccount(({ units }, labels) => {
      const { account } = labels
      return account === OTHERS ? [] : [{ labels, value: Number(units) }]
    }),
  })
  metrics.add({
    name: 'ilp_packets_in_flight',
    help: 'Prepares taken or sent that have no answer yet.',
    type: 'gauge',
    read: byAccount(({ inFlight }, labels) => [{ labels, value: inFlight }]),
  })
  metrics.add({
    name: 'ilp_account_packet_seconds_total',
    help: 'Time that answers took, summed up: divided by ilp_packets_total, the mean of an account.',
    type: 'counter',
    read: byAccount(({ ms }, labels) => [{ labels, value: ms / 1_000 }]),
  })
  metrics.add({
    name: 'ilp_packet_duration_seconds',
    help: 'Time from a Prepare to its answer, of all accounts.',
    type: 'histogram',
    read: () =>
      all(function* ({ fulfilled, rejected }, direction) {
        yield* fulfilled.samples({ direction, outcome: 'fulfilled' })
        yield* rejected.samples({ direction, outcome: 'rejected' })
      }),
  })
  return { incoming, outgoing, now: turnClock() }
}

function* outcomes({ fulfilled, rejected, failed }: Cells, labels: Labels): Generator<Sample> {
  yield { labels: { ...labels, outcome: 'fulfilled' }, value: fulfilled }
  yield { labels: { ...labels, outcome: 'rejected' }, value: rejected }
  yield { labels: { ...labels, outcome: 'failed' }, value: failed }
}

function* rejects({ codes }: Cells, labels: Labels): Generator<Sample> {
  for (const [index, code] of CODE_LABELS.entries()) {
    const value = codes[index] as number
    if (value > 0) yield { labels: { ...labels, code }, value }
  }
}
