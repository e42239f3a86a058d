import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from './error.js'

const NAME = 'lock'

/** When the process began, which tells it from a later one of the same number; empty where the system doesn't say. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The command's name, in parentheses, may hold anything; the start time is the 20th field behind it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

async function isAlive(owner: string): Promise<boolean> {
  const [pid, start] = owner.trim().split(' ')
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return (start ?? '') === (await startOf(Number(pid)))
}

/** Removes the lock of `owner`, who is gone, unless somebody else has taken it over meanwhile. */
async function discard(path: string, owner: string): Promise<void> {
  const aside = `${path}.${process.pid}.stale`
  await rename(path, aside).catch(() => {})
  if ((await readFile(aside, 'utf8').catch(() => owner)) !== owner) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

/**
 * Makes this process the only one that uses the folder, until the function that it returns is called or the process
 * is gone. A lock whose process is gone is taken over.
 * @throws StoreError ERR_DIRECTORY_LOCKED when a living process has it
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, NAME)
  const mine = `${process.pid} ${await startOf(process.pid)}`
  const draft = `${path}.${process.pid}`
  await writeFile(draft, mine)
  try {
    for (;;) {
      // A link appears whole or not at all, so that nobody reads a lock that is half written.
      const taken = await link(draft, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      if (taken) break
      const owner = await readFile(path, 'utf8').catch(() => '')
      if (owner !== '' && (await isAlive(owner))) {
        throw new StoreError('ERR_DIRECTORY_LOCKED', `process ${owner.split(' ')[0]} uses ${directory}`)
      }
      await discard(path, owner)
    }
  } finally {
    await rm(draft, { force: true })
  }
  return () => rm(path, { force: true })
}
