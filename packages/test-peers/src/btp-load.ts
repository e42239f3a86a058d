import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startChild } from './child.js'
import type { LoadOptions, LoadResult } from './load/load.js'
import type { LoadReply } from './load/process.js'
import { TYPESCRIPT } from './program.js'

/** The process runs from its source, whether this module runs from its source or from what was built of it. */
const SCRIPT = fileURLToPath(new URL('../src/load/process.ts', import.meta.url))

/**
 * Sends Prepares of 142 bytes through a connector that speaks BTP, from one account to another, keeping a window of
 * them in flight. Sender and receiver share a process of their own, so that the connector has a core to itself.
 * @throws Error when a peer refuses a token, closes a socket, answers what was not asked, or stops answering
 */
export async function runBtpLoad(options: LoadOptions): Promise<LoadResult> {
  const child = startChild([...TYPESCRIPT, SCRIPT])
  try {
    const ended = child.exited.then(() => {
      throw new Error(`the load's process ended:\n${child.output()}`)
    })
    const replied = once(child.process, 'message') as Promise<[LoadReply]>
    child.process.send(options)
    const [reply] = await Promise.race([replied, ended])
    if ('error' in reply) throw new Error(reply.error)
    return reply.result
  } finally {
    await child.stop()
  }
}
