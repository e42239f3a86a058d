import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
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
  const [pid = '', start = ''] = owner.split(' ')
  if (!/^[1-9]\d*$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return start === (await startOf(Number(pid)))
}

/** Gives the draft a second name, unless there is a file of that name: it appears whole or not at all. */
async function place(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Who has the lock; undefined when nobody has. */
async function ownerOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Removes the lock of an owner who is gone. Only who has the guard does so: of several who found the lock left behind,
 * the last must not remove the one that the first has taken meanwhile.
 */
async function discard(path: string, owner: string, draft: string): Promise<void> {
  const guard = `${path}.guard`
  if (await place(draft, guard)) {
    if ((await ownerOf(path)) === owner) await rm(path)
    await rm(guard)
    return
  }
  const guardian = await ownerOf(guard)
  if (guardian !== undefined && !(await isAlive(guardian))) await rm(guard, { force: true })
}

/**
 * Makes this process the only one that uses the folder, until the function that it returns is called or the process
 * is gone. A lock whose process is gone is taken over.
 * @throws StoreError ERR_DIRECTORY_LOCKED when a living process has it
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, NAME)
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, `${process.pid} ${await startOf(process.pid)}`)
  try {
    while (!(await place(draft, path))) {
      const owner = await ownerOf(path)
      if (owner === undefined) continue
      if (await isAlive(owner)) {
        throw new StoreError('ERR_DIRECTORY_LOCKED', `process ${owner.split(' ')[0]} uses ${directory}`)
      }
      await discard(path, owner, draft)
    }
  } finally {
    await rm(draft, { force: true })
  }
  return () => rm(path, { force: true })
}
