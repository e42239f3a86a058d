import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

/** Where and when figures were taken, by the names that the report shows. */
export type Machine = Readonly<Record<string, string>>

/** Of all processes that are measured. */
export const NODE_OPTIONS = '--max-semi-space-size=64'

/** The version of a package that this one depends on. */
export const versionOf = (name: string): string =>
  (
    JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')) as {
      version: string
    }
  ).version

/** Asked before anything is measured: then its load is that of others. */
export const machine = (): Machine => ({
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
  memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  system: `${type()} ${release()}`,
  Node: `${process.version}, ${NODE_OPTIONS}`,
  'load before the run': (loadavg()[0] ?? 0).toFixed(2),
})
