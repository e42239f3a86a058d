import { startOurs } from './btp-connectors.js'
import type { Measurement } from './measurement.js'
import type { Memory, MemoryQuestion } from './preload.js'
import { median } from './statistics.js'

const WINDOW = 1_000
const EARLY = 100_000
const LATE = 1_000_000
const MIB = 2 ** 20

export const memory: Measurement = {
  name: 'memory',
  what: 'memory of the connector process after 1,000,000 packets',
  unit: 'MiB',
  peer: 'the same process after 100,000',
  bar: { atMost: 1.1 },
  how: `A connector process of its own in each round, BTP in and out, window ${WINDOW.toLocaleString('en-US')}: its resident memory when all packets are answered and garbage has been collected (\`--expose-gc\`).`,
  run: async ({ rounds, share }) => {
    const runs: { early: Memory; late: Memory }[] = []
    for (let round = 0; round < rounds; round++) runs.push(await grow(EARLY * share, LATE * share))
    const heap = (key: 'early' | 'late') => (median(runs.map(run => run[key].heapUsed)) / MIB).toFixed(1)
    return {
      ours: runs.map(({ late }) => late.rss / MIB),
      peer: runs.map(({ early }) => early.rss / MIB),
      remarks: [`JavaScript's heap in use: ${heap('late')} MiB, after ${heap('early')} MiB.`],
    }
  },
}

/** The memory of a new process after so many packets, and after more. */
async function grow(early: number, late: number): Promise<{ early: Memory; late: Memory }> {
  const connector = await startOurs({ nodeFlags: ['--expose-gc'] })
  const after = async (packets: number): Promise<Memory> => {
    await connector.load({ window: WINDOW, packets })
    return connector.child.ask<Memory>({ question: 'memory' } satisfies MemoryQuestion)
  }
  try {
    return { early: await after(early), late: await after(late - early) }
  } finally {
    await connector.stop()
  }
}
