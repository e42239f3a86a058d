import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lockDirectory } from '../src/index.js'
import { compile, kill, type Program, run, temporaryFolder } from './process.js'

const LOCKED = { name: 'StoreError', code: 'ERR_DIRECTORY_LOCKED' }

let programs: Awaited<ReturnType<typeof temporaryFolder>>
let holder: string
beforeAll(async () => {
  programs = await temporaryFolder()
  holder = await compile('lock-holder.ts', programs.path)
})
afterAll(() => programs.remove())

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let running: Program[]
beforeEach(async () => {
  folder = await temporaryFolder()
  running = []
})
afterEach(async () => {
  await Promise.all(running.map(kill))
  await folder.remove()
})

const hold = (): Program => {
  const program = run(holder, [folder.path])
  running.push(program)
  return program
}

describe('lockDirectory', () => {
  it('gives a folder to one at a time', async () => {
    const unlock = await lockDirectory(folder.path)
    await expect(lockDirectory(folder.path)).rejects.toMatchObject(LOCKED)
    await unlock()
    await (await lockDirectory(folder.path))()
    expect(await readdir(folder.path)).toEqual([])
  })

  it('refuses a folder that another process has, and says which', async () => {
    const other = hold()
    expect(await other.line()).toBe('locked')
    await expect(lockDirectory(folder.path)).rejects.toThrow(`${other.child.pid}`)
    await expect(lockDirectory(folder.path)).rejects.toMatchObject(LOCKED)
  })

  it('refuses another process while this one has the folder', async () => {
    const unlock = await lockDirectory(folder.path)
    expect(await hold().line()).toBe('ERR_DIRECTORY_LOCKED')
    await unlock()
    expect(await hold().line()).toBe('locked')
  })

  it('takes over from a process that was killed', async () => {
    for (let i = 0; i < 3; i++) {
      const other = hold()
      expect(await other.line()).toBe('locked')
      await kill(other)
    }
    const unlock = await lockDirectory(folder.path)
    await expect(lockDirectory(folder.path)).rejects.toMatchObject(LOCKED)
    await unlock()
  })

  it('does not take a paused process for a dead one', async () => {
    const other = hold()
    expect(await other.line()).toBe('locked')
    other.child.kill('SIGSTOP')
    await expect(lockDirectory(folder.path)).rejects.toMatchObject(LOCKED)
  })

  it('does not take a later process for the dead one whose number it has', async () => {
    await writeFile(join(folder.path, 'lock'), `${process.pid} 1`)
    await (await lockDirectory(folder.path))()
  })

  it('takes a lock over that nobody can have written', async () => {
    for (const damaged of ['', 'x', '-1', '0 0', '\0']) {
      await writeFile(join(folder.path, 'lock'), damaged)
      await (await lockDirectory(folder.path))()
    }
  })

  it.each(['', '999999999 1'])('gives the folder to one of many who find it left behind (%j)', async left => {
    for (let round = 0; round < 20; round++) {
      await writeFile(join(folder.path, 'lock'), left)
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(folder.path)))
      const [unlock, ...others] = outcomes.flatMap(outcome =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      )
      expect(others).toEqual([])
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(LOCKED)
      await unlock?.()
      expect(unlock).toBeDefined()
      expect(await readdir(folder.path)).toEqual([])
    }
  })

  it('gives a folder that was left behind to one of several processes', async () => {
    const first = hold()
    expect(await first.line()).toBe('locked')
    await kill(first)
    const answers = await Promise.all([hold(), hold(), hold(), hold()].map(program => program.line()))
    expect(answers.filter(answer => answer === 'locked').length).toBe(1)
    expect(answers.filter(answer => answer === 'ERR_DIRECTORY_LOCKED').length).toBe(3)
  })
})
