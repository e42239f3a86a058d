import { startOurs } from './btp-connectors.js'
import { alternate, type Measurement } from './measurement.js'
import { ADMIN_TOKEN } from './our-connector.js'
import { median } from './statistics.js'

const WINDOW = 1_000
/** Prometheus asks every 15 s or so; here a round of a few seconds has some of it. */
const SCRAPE_INTERVAL_MS = 1_000

export const telemetry: Measurement = {
  name: 'telemetry',
  what: `BTP in, BTP out, window ${WINDOW.toLocaleString('en-US')}: with metrics`,
  unit: 'packets a second',
  peer: 'the same without',
  bar: { atLeast: 0.95 },
  how: 'Two connector processes on memory stores; one has an admin listener, counts packets and store calls, and is scraped every second. No OpenTelemetry SDK.',
  run: async ({ rounds, roundMs, warmupMs }) => {
    const ours = await startOurs({ isObserved: true })
    const peer = await startOurs()
    const load = { window: WINDOW, warmupMs, durationMs: roundMs }
    const scrapes = scraping(`${ours.adminUrl}/metrics`)
    try {
      const results = await alternate(
        rounds,
        () => ours.load(load),
        () => peer.load(load),
      )
      const { times, tookMs, counted } = await scrapes.stop()
      const sent = results.ours.reduce((sum, result) => sum + result.sent, 0)
      if (counted < sent) throw new Error(`${sent} packets were sent, ${counted} counted`)
      const cpu = (side: typeof results.ours) =>
        median(side.map(({ cpuMicrosPerPacket }) => cpuMicrosPerPacket ?? Number.NaN)).toFixed(1)
      return {
        ours: results.ours.map(({ packetsPerSecond }) => packetsPerSecond),
        peer: results.peer.map(({ packetsPerSecond }) => packetsPerSecond),
        remarks: [
          `A packet costs ${cpu(results.ours)} µs of CPU time with metrics, ${cpu(results.peer)} µs without.`,
          `${times} scrapes took ${median(tookMs).toFixed(1)} ms each.`,
        ],
      }
    } finally {
      await scrapes.stop()
      await ours.stop()
      await peer.stop()
    }
  },
}

const FULFILLED = /^ilp_packets_total\{account="alice",direction="incoming",outcome="fulfilled"\} (\d+)$/m

/** Asks for the metrics again and again. `stop` asks once more, and says how many packets are counted then. */
function scraping(url: string) {
  const tookMs: number[] = []
  let counted = 0
  const scrape = async () => {
    const startMs = performance.now()
    const response = await fetch(url, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    const text = await response.text()
    tookMs.push(performance.now() - startMs)
    counted = Number(FULFILLED.exec(text)?.[1] ?? 0)
  }
  let failed: unknown
  const timer = setInterval(() => void scrape().catch(error => (failed ??= error)), SCRAPE_INTERVAL_MS)
  let stopped: ReturnType<typeof stop> | undefined
  const stop = async () => {
    clearInterval(timer)
    await scrape()
    if (failed !== undefined) throw failed
    return { times: tookMs.length, tookMs, counted }
  }
  return { stop: () => (stopped ??= stop()) }
}
