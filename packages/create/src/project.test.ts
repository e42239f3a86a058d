import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { KINDS, type Kind, project, sources } from './index.js'

const kinds = Object.keys(KINDS) as Kind[]
const readJson = async (path: string) => JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'))

test.each(kinds)('a %s has the new name everywhere, in every spelling', async kind => {
  const files = await sources(kind, '@me/toll-gate')
  const all = [...files].flat().join('\n')
  expect(all).not.toMatch(/my[-_]?(store|layer|packet)|@ilp\/toll/i)
  expect(all).toContain('@me/toll-gate')
  expect(all).toMatch(/tollGate|TollGate/)
  expect([...files.keys()]).toContain('src/toll-gate.ts')
})

test.each(kinds)('the README of a %s shows its example as it is', async kind => {
  const files = await sources(kind, 'toll-gate')
  expect(files.get('README.md')).toContain(`\`\`\`ts\n${files.get('example/usage.ts')?.trim()}\n\`\`\``)
})

test('a project depends on what it was published with, and on the tools of this repository', async () => {
  const root = await readJson('../../../package.json')
  const { version } = await readJson('../package.json')
  const manifest = JSON.parse((await project('store', 'bank')).get('package.json') as string)
  expect(manifest.dependencies).toEqual({
    '@ilp/service-core': `^${version}`,
    '@ilp/store-traits': `^${version}`,
  })
  for (const tool of ['typescript', 'vite', 'vitest', '@types/node'])
    expect(manifest.devDependencies[tool]).toBe(root.devDependencies[tool])
  expect(manifest.engines).toEqual(root.engines)
  expect(manifest.description).toBe('A store of balances, holds and settlements, for one process.')
})

test.each([
  ['middleware', 'delete', 'delete'],
  ['middleware', 'stack', 'stack'],
  ['store', 'store', 'createStore'],
  ['store', 'index', 'src/index.ts'],
  ['store', 'map-backend', 'createMapBackend'],
  ['protocol', 'buffer', 'Buffer'],
] as const)('a %s can not be called %s, which is taken', async (kind, name, taken) => {
  await expect(sources(kind, name)).rejects.toThrow(`: ${taken} is taken`)
})

test.each([
  ['middleware', 'packet'],
  ['store', 'ledger'],
  ['store', 'balance'],
  ['store', 'my-store'],
] as const)('a %s can be called %s, a word of its prose', async (kind, name) => {
  await expect(sources(kind, name)).resolves.toBeDefined()
})
