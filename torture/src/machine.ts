import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const POSTGRES = '/usr/lib/postgresql'

/** Where a run took place, by the names that the record shows. */
export async function machine(): Promise<Readonly<Record<string, string>>> {
  const versions = await readdir(POSTGRES).catch(() => [])
  const newest = versions.toSorted((one, other) => Number(other) - Number(one))[0]
  const postgres = newest === undefined ? 'postgres' : join(POSTGRES, newest, 'bin', 'postgres')
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${type()} ${release()}`,
    Node: process.version,
    Redis: await versionOf('redis-server'),
    Postgres: await versionOf(postgres),
  }
}

/** What the program says of its version; `none` when there is no such program. */
async function versionOf(program: string): Promise<string> {
  try {
    const { stdout } = await run(program, ['--version'])
    return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim()
  } catch {
    return 'none'
  }
}
