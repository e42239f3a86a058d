import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createJournal, type Journal } from '../src/index.js'
import { compile, kill, run, temporaryFolder } from './process.js'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let journals: Journal[]
beforeEach(async () => {
  folder = await temporaryFolder()
  journals = []
})
afterEach(async () => {
  for (const journal of journals) await journal.stop()
  await folder.remove()
})

async function started(): Promise<Journal> {
  const journal = createJournal(folder.path)
  journals.push(journal)
  await journal.start()
  return journal
}

describe('a journal of a process of its own', () => {
  let programs: Awaited<ReturnType<typeof temporaryFolder>>
  let writer: string
  beforeAll(async () => {
    programs = await temporaryFolder()
    writer = await compile('journal-writer.ts', programs.path)
  })
  afterAll(() => programs.remove())

  it('has all that was answered, in order, whenever the process is killed', async () => {
    let next = 1
    for (let kills = 0; kills < 12; kills++) {
      const program = run(writer, [folder.path, String(next)])
      expect(await program.line()).toBe('started')
      const answers = 1 + Math.floor(Math.random() * 20)
      for (let i = 0; i < answers; i++) await program.line()
      const [, ...answered] = (await kill(program)).map(Number)
      const journal = await started()
      const seqs = journal.left().batches.map(({ seq }) => seq)
      // One more than was answered may have been written.
      const last = answered.at(-1) ?? 0
      expect([last, last + 1]).toContain(seqs.at(-1))
      expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => i + 1))
      next = seqs.length + 1
      await journal.stop()
    }
  })

  it('keeps nothing of what there was no room for', async () => {
    const answers = await run(writer, [folder.path, '1', '60'], 8).ended
    const written = answers.filter(answer => /^\d+$/.test(answer)).map(Number)
    expect(answers).toContain('EFBIG')
    expect(written.length).toBeGreaterThan(10)
    const journal = await started()
    expect(journal.left().batches.map(({ seq }) => seq)).toEqual(written)
  })

  it('is not there for another process', async () => {
    const program = run(writer, [folder.path])
    expect(await program.line()).toBe('started')
    await expect(createJournal(folder.path).start()).rejects.toMatchObject({ code: 'ERR_DIRECTORY_LOCKED' })
    await kill(program)
    await started()
  })
})
