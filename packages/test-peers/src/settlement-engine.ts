import { fileURLToPath } from 'node:url'
import type { Child } from './child.js'
import { freePorts } from './free-ports.js'
import { startProgram } from './program.js'

// The same from `src` and from `dist`, where it lies as well.
const PROGRAM = fileURLToPath(new URL('../src/settlement/engine-process.ts', import.meta.url))
const START_MS_MAX = 20_000

export interface SettlementEngineOptions {
  /** A Redis server for engines alone, where they keep what they know, and the ledger that they settle on. */
  readonly redisUrl: string
  /** Its name on the ledger, and that of the peer's engine. */
  readonly name: string
  readonly peer: string
  /** Whether it says something to the peer's engine for each account, and prints the answer. */
  readonly greets?: boolean
}

/**
 * A settlement engine built on npm's `ilp-settlement-core`, in a process of its own. Two that are each other's peers
 * settle between accounts of the same id, also across kills: what one has acknowledged is on the ledger.
 */
export interface SettlementEngine {
  readonly name: string
  /** Where it listens whenever it runs. Another process may take the port before. */
  readonly url: string
  /** What it has printed since its last start. */
  readonly output: () => string
  /** Starts it, or starts it again. @param connectorUrl where its connector takes what engines ask for */
  readonly start: (connectorUrl: string) => Promise<void>
  /** SIGKILL. Its Redis server keeps what it knew. */
  readonly kill: () => Promise<void>
}

/** An engine that is yet to be started. */
export async function settlementEngine(options: SettlementEngineOptions): Promise<SettlementEngine> {
  const { redisUrl, name, peer, greets } = options
  const [port] = await freePorts(1)
  let child: Child | undefined
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    output: () => child?.output() ?? '',
    start: async connectorUrl => {
      child = startProgram(PROGRAM, [], {
        REDIS_URL: redisUrl,
        PORT: String(port),
        CONNECTOR_URL: connectorUrl.replace(/\/$/, ''),
        NAME: name,
        PEER: peer,
        ...(greets && { GREETS: '1' }),
      })
      await child.printed(/ready/, START_MS_MAX)
    },
    kill: async () => {
      child?.process.kill('SIGKILL')
      await child?.exited
    },
  }
}
