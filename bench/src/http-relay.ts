import { type Child, startNeighbour } from './child.js'
import type { HttpLoadOptions, HttpLoadReply, HttpLoadResult } from './http-load.js'
import { versionOf } from './machine.js'
import { alternate, type Measurement, type Pace } from './measurement.js'
import { DESTINATION, startOurConnector } from './our-connector.js'
import { median } from './statistics.js'

const CONNECTIONS = 100
const TOKEN = 'token-of-alice'
const URL_PRINTED = /http:\S+/

export const httpRelay: Measurement = {
  name: 'http-relay',
  what: `HTTP in, HTTP out, ${CONNECTIONS} connections`,
  unit: 'packets a second',
  peer: `bare node:http → undici ${versionOf('undici')} relay`,
  bar: { atLeast: 0.8 },
  how: 'One request at a time on each connection; one connector process, or one relay process that knows nothing of ILP, between the senders and an HTTP server that answers at once, which share another process.',
  run: async pace => {
    const load = startNeighbour('http-load')
    try {
      const [sink] = await load.printed(URL_PRINTED)
      return await compare(load, sink, pace)
    } finally {
      await load.stop()
    }
  },
}

async function compare(load: Child, sink: string, { rounds, roundMs, warmupMs }: Pace) {
  const alice = { http: { incomingTokens: [TOKEN] } }
  const bob = { http: { outgoing: { url: sink, token: 'token-for-bob' } } }
  const connector = await startOurConnector({ alice, bob })
  const relay = startNeighbour('relay', [sink])
  const through =
    (url: string, { pid }: Child) =>
    () =>
      send(load, {
        url,
        token: TOKEN,
        destination: DESTINATION,
        connections: CONNECTIONS,
        warmupMs,
        durationMs: roundMs,
        cpuPid: pid,
      })
  try {
    const [relayUrl] = await relay.printed(URL_PRINTED)
    const results = await alternate(
      rounds,
      through(`${connector.url}/accounts/alice/ilp`, connector.child),
      through(relayUrl, relay),
    )
    const rates = (side: HttpLoadResult[]) => side.map(({ packetsPerSecond }) => packetsPerSecond)
    const cpu = (side: HttpLoadResult[]) =>
      median(side.map(({ cpuMicrosPerPacket }) => cpuMicrosPerPacket)).toFixed(1)
    const loadCpu = median([...results.ours, ...results.peer].map(result => result.loadCpu)).toFixed(2)
    return {
      ours: rates(results.ours),
      peer: rates(results.peer),
      remarks: [
        `A packet costs our process ${cpu(results.ours)} µs of CPU time, the relay ${cpu(results.peer)} µs; the load took ${loadCpu} of a core.`,
      ],
    }
  } finally {
    await relay.stop()
    await connector.stop()
  }
}

async function send(load: Child, options: HttpLoadOptions): Promise<HttpLoadResult> {
  const reply = await load.ask<HttpLoadReply>(options)
  if ('error' in reply) throw new Error(reply.error)
  return reply
}
