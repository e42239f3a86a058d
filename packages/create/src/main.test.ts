import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { main } from './main.js'

let folder: string
const said = { log: vi.spyOn(console, 'log'), error: vi.spyOn(console, 'error') }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'create-'))
  for (const spy of Object.values(said)) spy.mockReset().mockReturnValue()
})
afterEach(() => rm(folder, { recursive: true }))

test('a project goes into a folder of its name, and the command says what to do next', async () => {
  expect(await main(['store', '@me/bank-store'], folder)).toBe(0)
  expect(await readdir(folder)).toEqual(['bank-store'])
  expect(await readdir(join(folder, 'bank-store'))).toEqual(
    expect.arrayContaining(['README.md', 'package.json', 'src', 'example', '.gitignore']),
  )
  const manifest = await readFile(join(folder, 'bank-store', 'package.json'), 'utf8')
  expect(JSON.parse(manifest)).toMatchObject({ name: '@me/bank-store' })
  expect(said.log.mock.lastCall?.[0]).toContain('cd bank-store\n')
})

test('a folder that is not empty is left alone', async () => {
  await mkdir(join(folder, 'my-layer'))
  await writeFile(join(folder, 'my-layer', 'mine.txt'), 'mine')
  expect(await main(['middleware', 'my-layer'], folder)).toBe(1)
  expect(await readdir(join(folder, 'my-layer'))).toEqual(['mine.txt'])
  expect(said.error.mock.lastCall?.[0]).toContain('is not empty')
})

test.each([[[]], [['store']], [['router', 'mine']], [['store', 'one', 'two']]])(
  '%j is answered with what can be asked for',
  async args => {
    expect(await main(args, folder)).toBe(1)
    expect(said.error.mock.lastCall?.[0]).toContain('npm create @ilp store my-store')
    expect(await readdir(folder)).toEqual([])
  },
)

test('help is no error', async () => {
  expect(await main(['--help'], folder)).toBe(0)
  expect(said.log.mock.lastCall?.[0]).toContain('npm create @ilp')
})

test.each(['My-Store', '../up', '1st', 'a b', '', 'a--b', 'a-'])('%j is no name', async name => {
  expect(await main(['store', name], folder)).toBe(1)
  expect(await readdir(folder)).toEqual([])
})
