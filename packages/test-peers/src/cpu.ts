import { readFileSync } from 'node:fs'

/** `/proc` counts in hundredths of a second, whatever the kernel's own tick is. */
const MICROS_PER_TICK = 10_000

/**
 * CPU time that a process has used so far, user and system, all its threads, in microseconds. In steps of 10 ms.
 * Linux only: throws where there is no `/proc/<pid>/stat`.
 */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The program's name comes second, in parentheses, and may hold anything, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK
}
