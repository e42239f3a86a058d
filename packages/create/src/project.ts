import { readFile } from 'node:fs/promises'
import { baseName, type Kind, sources } from './sources.js'
import { template } from './template.js'

/** What can stand by itself. */
export type ProjectKind = Exclude<Kind, 'protocol'>

/** The tools that a project brings along, in versions that work together on Node 20.19. */
const TOOLS = { '@types/node': '20.19.43', typescript: '5.9.3', vite: '7.3.8', vitest: '4.1.12' }
const NODE = '>=20.19'

/** The packages of this repository that a template needs: by itself, and in its tests. */
const NEEDS: Readonly<Record<ProjectKind, readonly [own: readonly string[], tests: readonly string[]]>> = {
  store: [['service-core', 'store-traits'], ['store-conformance']],
  middleware: [['service-core'], ['service-testing']],
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

/**
 * Everything of a project that stands by itself: sources and their tests, and what builds and tests them, by path.
 * @param name as npm knows it, with or without a scope
 */
export async function project(kind: ProjectKind, name: string): Promise<Map<string, string>> {
  const files = await sources(kind, name)
  const own = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const needs = (names: readonly string[]) =>
    Object.fromEntries(names.map(each => [`@ilp/${each}`, `^${own.version}`]))
  const [dependencies, devDependencies] = NEEDS[kind]
  files.set(
    'package.json',
    json({
      name,
      version: '0.1.0',
      description: /^# .*\n\n(.*)\n/.exec(files.get('README.md') as string)?.[1],
      keywords: ['interledger', 'ilp', kind, baseName(name)],
      type: 'module',
      sideEffects: false,
      engines: { node: NODE },
      exports: { '.': { types: './dist/index.d.ts', import: './dist/index.js' } },
      files: ['dist', 'src', '!src/**/*.test.ts'],
      scripts: {
        build: 'tsc -p tsconfig.build.json',
        test: 'tsc && vitest run',
        prepack: 'npm run build',
      },
      dependencies: needs(dependencies),
      devDependencies: { ...needs(devDependencies), ...TOOLS },
    }),
  )
  for (const [path, text] of await template('project'))
    files.set(path === 'gitignore' ? '.gitignore' : path, text.replaceAll('@ilp/my-package', name))
  return files
}
