/**
 * A connector in a process of its own, which tells its parent how it is: its memory, what keeps its event loop, what
 * it has logged, and the largest buffer that anything in it has asked for.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Logger } from '@ilp/service-core'

export interface Vitals {
  /** Octets in use behind a garbage collection, on the heap and in buffers. */
  readonly memory: number
  /** The most that the process has had in memory, in octets. */
  readonly memoryMax: number
  /** How many of each kind keep the event loop: connections (`TCPSocketWrap`), timers (`Timeout`), … */
  readonly resources: Readonly<Record<string, number>>
  /** The largest buffer since the last time, in octets. */
  readonly bufferMax: number
  /** How many lines were logged, by level. */
  readonly logged: Readonly<Record<keyof Logger, number>>
  /** The first line of each level and message. */
  readonly lines: readonly string[]
}

export type VictimReply =
  | { readonly ready: { readonly url: string; readonly adminUrl: string } }
  | { readonly vitals: Vitals }

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let bufferMax = 0
const watch =
  <Rest extends unknown[]>(make: (size: number, ...rest: Rest) => Buffer<ArrayBuffer>) =>
  (size: number, ...rest: Rest): Buffer<ArrayBuffer> => {
    bufferMax = Math.max(bufferMax, size)
    return make(size, ...rest)
  }
// Before anything else is loaded, so that whoever keeps one of these functions keeps the watched one.
Buffer.alloc = watch(Buffer.alloc)
Buffer.allocUnsafe = watch(Buffer.allocUnsafe)
Buffer.allocUnsafeSlow = watch(Buffer.allocUnsafeSlow)
const { concat } = Buffer
Buffer.concat = (list, size = list.reduce((sum, { length }) => sum + length, 0)) => {
  bufferMax = Math.max(bufferMax, size)
  return concat(list, size)
}

const logged = { debug: 0, info: 0, warn: 0, error: 0 }
const lines = new Map<string, string>()
const log = (level: keyof Logger) => (fields: object, message: string) => {
  logged[level] += 1
  const kind = `${level}: ${message}`
  if (!lines.has(kind)) lines.set(kind, `${kind} ${String((fields as { err?: Error }).err?.stack ?? '')}`)
}
const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }

async function vitals(): Promise<Vitals> {
  for (let round = 0; round < 2; round++) {
    await new Promise(setImmediate)
    collectGarbage()
  }
  const { heapUsed, external } = process.memoryUsage()
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  const found = {
    memory: heapUsed + external,
    memoryMax: process.resourceUsage().maxRSS * 1_024,
    resources,
    bufferMax,
    logged: { ...logged },
    lines: [...lines.values()],
  }
  bufferMax = 0
  return found
}

const reply = (message: VictimReply) => process.send?.(message)

process.once('message', async settings => {
  const { checkConfig, createConnector } = await import('../../src/index.js')
  const connector = createConnector(checkConfig(settings), { logger })
  await connector.start()
  process.on('message', () => void vitals().then(vitals => reply({ vitals })))
  reply({ ready: { url: connector.url(), adminUrl: connector.adminUrl() ?? '' } })
})
