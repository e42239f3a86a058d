import { type FileHandle, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountId } from '@ilp/service-core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createJournal, type Journal, type JournaledBatch, type SessionId } from '../src/index.js'
import { temporaryFolder } from './process.js'

const DAMAGED = { name: 'StoreError', code: 'ERR_JOURNAL_DAMAGED' }
const CLOSED = { name: 'StoreError', code: 'ERR_STORE_CLOSED' }

const session = (name: string) => name as SessionId
const alice = { id: accountId('alice'), asset: { code: 'USD', scale: 9 } }
const bob = { id: accountId('bob'), asset: { code: 'EUR', scale: 2 } }
const batch = (seq: number, ...amounts: readonly bigint[]): JournaledBatch => ({
  session: session('one'),
  seq,
  commits: amounts.map(amount => ({ from: alice, incomingAmount: amount, to: bob, amount: amount / 2n })),
})

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let file: string
let journals: Journal[]
beforeEach(async () => {
  folder = await temporaryFolder()
  file = join(folder.path, 'journal.jsonl')
  journals = []
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const journal of journals) await journal.stop()
  await folder.remove()
})

async function started(): Promise<Journal> {
  const journal = createJournal(folder.path)
  journals.push(journal)
  await journal.start()
  return journal
}

/** What is left when the journal is closed and opened again. */
async function leftBy(journal: Journal) {
  await journal.stop()
  return (await started()).left()
}

/** The prototype of file handles, whose system calls a test can make fail. */
async function fileHandles(): Promise<FileHandle> {
  const handle = await open(join(folder.path, 'probe'), 'w')
  await handle.close()
  return Object.getPrototypeOf(handle) as FileHandle
}

describe('a journal', () => {
  it('makes its folder, and begins empty', async () => {
    const journal = createJournal(join(folder.path, 'deep', 'down'))
    journals.push(journal)
    await journal.start()
    expect(journal.left()).toEqual({ sessions: [], batches: [] })
  })

  it('gives back sessions and batches in the order in which they were written, to the unit', async () => {
    const journal = await started()
    const large = batch(1, 2n ** 64n - 1n, 2n ** 53n + 1n, 0n)
    await journal.note(session('one'))
    await journal.append([large, batch(2)])
    await journal.note(session('two'))
    await journal.append([{ ...batch(1, 5n), session: session('two') }])
    expect(await leftBy(journal)).toEqual({
      sessions: ['one', 'two'],
      batches: [large, batch(2), { ...batch(1, 5n), session: 'two' }],
    })
  })

  it('keeps the sessions that it is told to, and no batch', async () => {
    const journal = await started()
    await journal.note(session('one'))
    await journal.append([batch(1, 5n)])
    await journal.keep([session('two'), session('three')])
    await journal.append([batch(2, 7n)])
    expect(await leftBy(journal)).toEqual({ sessions: ['two', 'three'], batches: [batch(2, 7n)] })
  })

  it('does one thing after another, however many are asked for at once', async () => {
    const journal = await started()
    await Promise.all([
      journal.note(session('one')),
      journal.append([batch(1, 1n)]),
      journal.keep([session('one')]),
      journal.append([batch(2, 2n)]),
      journal.append([batch(3, 3n), batch(4, 4n)]),
    ])
    expect(await leftBy(journal)).toEqual({
      sessions: ['one'],
      batches: [batch(2, 2n), batch(3, 3n), batch(4, 4n)],
    })
  })

  it('answers when what it wrote is on the disk, not before', async () => {
    const journal = await started()
    const steps: string[] = []
    const handles = await fileHandles()
    const { datasync } = handles
    vi.spyOn(handles, 'datasync').mockImplementation(async function (this: FileHandle) {
      steps.push((await readFile(file, 'utf8')).includes('"seq":1') ? 'written' : 'not written')
      await datasync.call(this)
      steps.push('on the disk')
    })
    await journal.append([batch(1, 5n)])
    steps.push('answered')
    expect(steps).toEqual(['written', 'on the disk', 'answered'])
  })

  it('keeps nothing of what failed, and goes on', async () => {
    const journal = await started()
    await journal.append([batch(1, 5n)])
    const handles = await fileHandles()
    vi.spyOn(handles, 'datasync').mockRejectedValueOnce(new Error('EIO'))
    await expect(journal.append([batch(2, 6n), batch(3, 7n)])).rejects.toThrow('EIO')
    await journal.append([batch(2, 8n)])
    expect((await leftBy(journal)).batches).toEqual([batch(1, 5n), batch(2, 8n)])
  })

  it('keeps nothing of what failed even where it could not be taken back at once', async () => {
    const journal = await started()
    await journal.append([batch(1, 5n)])
    const handles = await fileHandles()
    vi.spyOn(handles, 'datasync').mockRejectedValueOnce(new Error('EIO'))
    vi.spyOn(handles, 'truncate').mockRejectedValueOnce(new Error('not now'))
    await expect(journal.append([batch(2, 6n), batch(3, 7n), batch(4, 8n)])).rejects.toThrow('EIO')
    await journal.append([batch(2)])
    expect((await leftBy(journal)).batches).toEqual([batch(1, 5n), batch(2)])
  })

  it('drops a last line that was not written to its end', async () => {
    const journal = await started()
    await journal.append([batch(1, 5n), batch(2, 6n)])
    await journal.stop()
    const whole = await readFile(file, 'utf8')
    const first = whole.indexOf('\n') + 1
    for (const length of [whole.length - 1, first + 1, first]) {
      await writeFile(file, whole.slice(0, length))
      const torn = await started()
      expect(torn.left().batches).toEqual([batch(1, 5n)])
      await torn.append([batch(2, 9n)])
      expect((await leftBy(torn)).batches).toEqual([batch(1, 5n), batch(2, 9n)])
      await journals.at(-1)?.stop()
    }
  })

  it('refuses a line that is damaged, says which, and leaves the file as it is', async () => {
    const journal = await started()
    await journal.note(session('one'))
    await journal.append([batch(1, 12n), batch(2, 6n)])
    await journal.stop()
    const whole = await readFile(file, 'utf8')
    const damages = [
      whole.replace('12', '13'),
      whole.replace('"12"', '"1x"'),
      whole.replace('alice', 'al/ce'),
      whole.replace('"seq":1', '"seq":3'),
      whole.replace('{', '['),
      `null\n${whole}`,
      `\n${whole}`,
    ]
    for (const damaged of damages) {
      expect(damaged).not.toBe(whole)
      await writeFile(file, damaged)
      const refused = createJournal(folder.path)
      await expect(refused.start()).rejects.toMatchObject(DAMAGED)
      await refused.stop()
      expect(await readFile(file, 'utf8')).toBe(damaged)
    }
    await writeFile(file, damages[1] ?? '')
    await expect(createJournal(folder.path).start()).rejects.toThrow(/line 2 of .*journal\.jsonl/)
  })

  it('is never without its file while the file is replaced', async () => {
    const journal = await started()
    await journal.note(session('one'))
    const handles = await fileHandles()
    vi.spyOn(handles, 'sync').mockRejectedValueOnce(new Error('EIO'))
    await expect(journal.keep([])).rejects.toThrow('EIO')
    await journal.append([batch(1, 5n)])
    expect(await leftBy(journal)).toEqual({ sessions: ['one'], batches: [batch(1, 5n)] })
  })

  it('is written to where it will be read, also when a replacement may not last', async () => {
    const journal = await started()
    await journal.note(session('one'))
    const handles = await fileHandles()
    const { sync } = handles
    vi.spyOn(handles, 'sync').mockImplementationOnce(sync).mockRejectedValueOnce(new Error('the folder'))
    await expect(journal.keep([session('two')])).rejects.toThrow('the folder')
    await journal.append([batch(1, 5n)])
    expect(await leftBy(journal)).toEqual({ sessions: ['two'], batches: [batch(1, 5n)] })
  })

  it('puts aside what cannot be booked, behind what was put there before', async () => {
    const journal = await started()
    await journal.setAside([batch(1, 5n)])
    await journal.stop()
    const again = await started()
    await again.setAside([batch(2, 2n ** 64n - 1n)])
    const lines = (await readFile(join(folder.path, 'unbooked.jsonl'), 'utf8')).trim().split('\n')
    expect(lines.length).toBe(2)
    expect(lines[1]).toContain('18446744073709551615')
    expect(again.left().batches).toEqual([])
  })

  it('does nothing before the start and behind the stop, when the folder may be another one’s', async () => {
    const journal = createJournal(folder.path)
    const uses = [
      () => journal.note(session('one')),
      () => journal.append([batch(1, 5n)]),
      () => journal.keep([]),
      () => journal.setAside([batch(1, 5n)]),
    ]
    for (const use of uses) await expect(use()).rejects.toMatchObject(CLOSED)
    await journal.start()
    await journal.note(session('one'))
    await journal.stop()
    const next = await started()
    await next.append([batch(7, 5n)])
    for (const use of uses) await expect(use()).rejects.toMatchObject(CLOSED)
    expect(await leftBy(next)).toEqual({ sessions: ['one'], batches: [batch(7, 5n)] })
    expect((await readdir(folder.path)).sort()).toEqual(['journal.jsonl', 'lock'])
  })

  it('finishes what it is doing before it stops', async () => {
    const journal = await started()
    const appended = journal.append([batch(1, 5n)])
    const left = await leftBy(journal)
    await appended
    expect(left.batches).toEqual([batch(1, 5n)])
  })

  it('does, or refuses to do, what is asked of it while it stops', async () => {
    for (let ticks = 0; ticks < 12; ticks++) {
      const journal = await started()
      await journal.keep([session('one')])
      const stopped = journal.stop()
      for (let tick = 0; tick < ticks; tick++) await new Promise(setImmediate)
      const kept = await journal.keep([session('two')]).then(
        () => 'two',
        (error: { readonly code: string }) => (error.code === 'ERR_STORE_CLOSED' ? 'one' : error),
      )
      await stopped
      const next = await started()
      expect(next.left().sessions).toEqual([kept])
      await next.stop()
    }
  })

  it('serves one at a time', async () => {
    await started()
    const second = createJournal(folder.path)
    await expect(second.start()).rejects.toMatchObject({ code: 'ERR_DIRECTORY_LOCKED' })
    await second.stop()
    await expect(createJournal(folder.path).start()).rejects.toMatchObject({ code: 'ERR_DIRECTORY_LOCKED' })
  })

  it('stops when it could not start', async () => {
    await mkdir(file)
    const journal = createJournal(folder.path)
    await expect(journal.start()).rejects.toThrow()
    await journal.stop()
    expect(await readdir(folder.path)).toEqual(['journal.jsonl'])
  })
})
