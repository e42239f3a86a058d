import type { LoadResult } from '@ilp/test-peers'
import { type BtpLoad, startOurs } from './btp-connectors.js'
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
  how: 'A connector process of its own in each turn, on a memory store: how fast one is varies more from process to process than telemetry costs. Every other one has an admin listener, counts packets and store calls, and is scraped every second. No OpenTelemetry SDK.',
  run: async pace => {
    // Shorter turns, and as many more: it is processes that are to be many, and new ones take longer to warm up.
    const load = { window: WINDOW, warmupMs: pace.warmupMs * 2, durationMs: pace.roundMs / 2 }
    const scrapes: Scrapes[] = []
    const observed = async () => {
      const { result, scraped } = await loaded(load)
      scrapes.push(scraped)
      return result
    }
    const results = await alternate(pace.rounds * 2, observed, () => plain(load))
    const cpu = (side: readonly LoadResult[]) =>
      median(side.map(({ cpuMicrosPerPacket }) => cpuMicrosPerPacket ?? Number.NaN)).toFixed(1)
    const tookMs = scrapes.flatMap(scraped => scraped.tookMs)
    return {
      ours: results.ours.map(({ packetsPerSecond }) => packetsPerSecond),
      peer: results.peer.map(({ packetsPerSecond }) => packetsPerSecond),
      remarks: [
        `A packet costs ${cpu(results.ours)} µs of CPU time with metrics, ${cpu(results.peer)} µs without.`,
        `${tookMs.length} scrapes took ${median(tookMs).toFixed(1)} ms each.`,
      ],
    }
  },
}

async function plain(load: BtpLoad): Promise<LoadResult> {
  const connector = await startOurs()
  return connector.load(load).finally(connector.stop)
}

/** @throws Error unless every packet was counted */
async function loaded(load: BtpLoad): Promise<{ result: LoadResult; scraped: Scrapes }> {
  const connector = await startOurs({ isObserved: true })
  try {
    const scrapes = scraping(`${connector.adminUrl}/metrics`)
    const result = await connector.load(load).finally(scrapes.stop)
    const scraped = await scrapes.stop()
    if (scraped.counted < result.sent)
      throw new Error(`${result.sent} packets were sent, ${scraped.counted} counted`)
    return { result, scraped }
  } finally {
    await connector.stop()
  }
}

interface Scrapes {
  readonly tookMs: readonly number[]
  /** Packets that the last of them had. */
  readonly counted: number
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
  const stop = async (): Promise<Scrapes> => {
    clearInterval(timer)
    await scrape()
    if (failed !== undefined) throw failed
    return { tookMs, counted }
  }
  return { stop: () => (stopped ??= stop()) }
}
