import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { btpLatency } from './btp-latency.js'
import { btpThroughput } from './btp-throughput.js'
import { forwardMeasurement } from './forward.js'
import { httpRelay } from './http-relay.js'
import { machine, NODE_OPTIONS } from './machine.js'
import { FULL, type Measurement, type Pace, QUICK } from './measurement.js'
import { memory } from './memory.js'
import { type Result, report } from './report.js'
import { lmdbConnector } from './stores/lmdb.js'
import { postgresAlone, postgresAloneCold, postgresConnector } from './stores/postgres.js'
import { redisAlone, redisConnector, redisLatency } from './stores/redis.js'
import { streamConnectionMeasurement } from './stream-connection.js'
import { streamReceiverMeasurement } from './stream-receiver.js'
import { streamSenderMeasurement } from './stream-sender.js'
import { telemetry } from './telemetry.js'

const RESULTS = fileURLToPath(new URL('../RESULTS.md', import.meta.url))

const ALL: readonly Measurement[] = [
  btpThroughput,
  btpLatency,
  httpRelay,
  forwardMeasurement,
  streamReceiverMeasurement,
  streamSenderMeasurement,
  streamConnectionMeasurement,
  memory,
  telemetry,
  redisAlone,
  redisConnector,
  redisLatency,
  postgresAlone,
  postgresAloneCold,
  postgresConnector,
  lmdbConnector,
]

// What docs/production starts the connector with. Every process of a measurement has it, those of peers as well.
process.env['NODE_OPTIONS'] = NODE_OPTIONS

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const unknown = positionals.filter(name => ALL.every(measurement => measurement.name !== name))
if (unknown.length > 0) {
  console.error(`No measurement is called ${unknown.join(', ')}: ${ALL.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const chosen = ALL.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const where = machine()
const results: Result[] = []
for (const measurement of chosen) results.push(await measured(measurement, values.quick ? QUICK : FULL))

const text = report(results, where)
console.log(`\n${text}`)
if (chosen.length === ALL.length && !values.quick) {
  await writeFile(RESULTS, text)
  console.log(`Written to ${RESULTS}`)
}
if (results.some(({ outcome }) => outcome instanceof Error)) process.exitCode = 1

async function measured(measurement: Measurement, pace: Pace): Promise<Result> {
  console.log(`${measurement.name} …`)
  try {
    return { measurement, outcome: await measurement.run(pace) }
  } catch (error) {
    console.error(error)
    return { measurement, outcome: error instanceof Error ? error : new Error(String(error)) }
  }
}
