/** What was done, and what it cost this process. */
export interface Rate {
  readonly perSecond: number
  readonly cpuMicrosEach: number
}

/** How often `step` gets through when so many are under way at a time, after a time in which they don't count. */
export async function inFlight(
  count: number,
  step: (worker: number) => Promise<void>,
  { warmupMs, durationMs }: { readonly warmupMs: number; readonly durationMs: number },
): Promise<Rate> {
  let steps = 0
  let isOver = false
  const work = async (worker: number) => {
    while (!isOver) {
      await step(worker)
      steps += 1
    }
  }
  const workers = Promise.all(Array.from({ length: count }, (_, worker) => work(worker)))
  const after = (ms: number) => Promise.race([workers, new Promise(resolve => setTimeout(resolve, ms))])
  await after(warmupMs)
  const [stepsBefore, cpuBefore, start] = [steps, process.cpuUsage(), performance.now()]
  await after(durationMs)
  const [counted, cpu, elapsedMs] = [
    steps - stepsBefore,
    process.cpuUsage(cpuBefore),
    performance.now() - start,
  ]
  isOver = true
  await workers
  return { perSecond: (counted / elapsedMs) * 1_000, cpuMicrosEach: (cpu.user + cpu.system) / counted }
}
