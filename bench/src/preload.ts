/**
 * Runs before the program of a child process: ends it when its parent ends, and answers when it is asked for its
 * memory.
 */
import { setTimeout as after } from 'node:timers/promises'

/** In bytes. */
export interface Memory {
  /** Of the whole process, held in the machine's memory. */
  readonly rss: number
  /** Of JavaScript's heap, in use. */
  readonly heapUsed: number
}

export interface MemoryQuestion {
  readonly question: 'memory'
}

/** How long V8 may take to give pages back: it does so on other threads, behind a collection. */
const GIVE_BACK_MS = 300

async function collected(): Promise<Memory> {
  // What the first collection leaves to finalizers, as buffers, goes with the second.
  for (let times = 0; times < 2; times++) {
    await globalThis.gc?.()
    await after(GIVE_BACK_MS)
  }
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed }
}

process.once('disconnect', () => process.exit())
process.on('message', message => {
  if ((message as Partial<MemoryQuestion>).question !== 'memory') return
  void collected().then(memory => process.send?.(memory))
})
// The program ends when it has nothing left to do, not when the channel closes.
process.channel?.unref()
