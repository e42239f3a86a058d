import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountId } from '@ilp/service-core'
import { recordingLogger } from '@ilp/service-testing'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createFileLists } from '../src/index.js'

const bob = accountId('bob')
const WITHIN = { timeout: 30_000 }

async function fileOf(content: string) {
  const folder = await mkdtemp(join(tmpdir(), 'ilp-lists-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'lists.json')
  const write = async (text: string) => {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  }
  await write(content)
  return { path, write }
}

it('the lists are those of the file, also when it changes; a broken one changes nothing', async () => {
  const { path, write } = await fileOf('{ "bob": ["test.shop"] }')
  const logger = recordingLogger()
  await using lists = createFileLists(path, { logger })
  await lists.start()
  expect(lists.prefixesOf(bob)).toEqual(['test.shop'])
  expect(lists.prefixesOf(accountId('carol'))).toBeUndefined()

  await write('{ "bob": ["test.')
  await vi.waitFor(() => expect(logger.entries.some(({ level }) => level === 'error')).toBe(true), WITHIN)
  expect(lists.prefixesOf(bob)).toEqual(['test.shop'])

  await write('{ "bob": [] }')
  await vi.waitFor(() => expect(lists.prefixesOf(bob)).toEqual([]), WITHIN)
})

it.each([
  'not JSON',
  '[]',
  'null',
  '{ "bob": "test.shop" }',
  '{ "bob": ["no address"] }',
  '{ "two words": ["test.shop"] }',
  `{ "bob": ["test.${'x'.repeat(1_000_000)}"] }`,
])('does not start with a file of %.30s', async content => {
  const { path } = await fileOf(content)
  await using lists = createFileLists(path, { logger: recordingLogger() })
  await expect(lists.start()).rejects.toThrow()
})
