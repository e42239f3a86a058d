import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { type Manifest, root } from '../../scripts/workspace.mjs'
import { readJson } from './pack.js'
import { run } from './run.js'

const outside = inject('outside')
const published = inject('packages').filter(({ manifest }) => !manifest.private)
const installed = (name: string): string => join(outside, 'node_modules', name)

/** Names of the packages that a module or a declaration asks for. */
const asksFor = (text: string): string[] =>
  ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter(name => !name.startsWith('.') && !isBuiltin(name))
    .map(name => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))

/** Whether the package that is installed under this name says itself what its types are. */
async function isTyped(name: string): Promise<boolean> {
  const { types, exports } = await readJson<Manifest & { types?: string }>(
    join(installed(name), 'package.json'),
  )
  return types !== undefined || JSON.stringify(exports ?? '').includes('"types"')
}

describe.each(published.map(each => ({ name: each.manifest.name, ...each })))(
  '$name',
  ({ name, manifest, tarball }) => {
    test('its tarball holds what its users need, and nothing of this repository', async () => {
      const files = await readdir(installed(name), { recursive: true })
      expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']))
      // What a generator writes for others may have tests.
      const own = files.filter(file => !file.startsWith('templates'))
      expect(
        own.filter(file => /\.test(-d)?\.ts$|tsbuildinfo$|^(test|example|node_modules)\b/.test(file)),
      ).toEqual([])
      const text = await readFile(join(installed(name), 'package.json'), 'utf8')
      expect(text).not.toMatch(/workspace:|catalog:|@ilp\/source/)
      const readme = await readFile(join(installed(name), 'README.md'), 'utf8')
      expect(readme).toMatch(new RegExp(`^# ${name}\n`))
    })

    test('its maps lead to sources that are there', async () => {
      const files = await readdir(installed(name), { recursive: true })
      const maps = files.filter(file => /\.(js|ts)\.map$/.test(file))
      for (const file of maps) {
        const path = join(installed(name), file)
        const { sources, sourcesContent } = await readJson<{ sources: string[]; sourcesContent?: string[] }>(
          path,
        )
        for (const [index, source] of sources.entries()) {
          const isThere = sourcesContent?.[index] !== undefined || existsSync(join(dirname(path), source))
          expect(isThere, `${source} of ${file}`).toBe(true)
        }
      }
      expect(maps.length).toBeGreaterThan(0)
    })

    test('it asks for nothing but its dependencies, also in its types', async () => {
      const known = { ...manifest.dependencies, ...manifest.peerDependencies, [name]: '' }
      const files = await readdir(join(installed(name), 'dist'), { recursive: true })
      for (const file of files.filter(each => /\.(js|d\.ts)$/.test(each))) {
        for (const asked of asksFor(await readFile(join(installed(name), 'dist', file), 'utf8'))) {
          expect(known, `${file} asks for ${asked}`).toHaveProperty([asked])
          if (!file.endsWith('.d.ts') || (await isTyped(asked))) continue
          expect(known, `${file} asks for the types of ${asked}`).toHaveProperty([`@types/${asked}`])
        }
      }
    })

    test('publint finds nothing', async () => {
      const { messages } = await publint({ pkgDir: installed(name), pack: false, strict: true })
      expect(messages.map(message => formatMessage(message, manifest))).toEqual([])
    })

    test('arethetypeswrong finds nothing, for whoever imports', async () => {
      const found = await checkPackage(createPackageFromTarballData(await readFile(tarball)))
      if (!found.types) throw new Error('it has no types')
      // A package of modules alone: whoever calls require without modules is no user of it.
      const isOurs = (problem: object) =>
        !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(String(problem.resolutionKind))
      expect(found.problems.filter(isOurs)).toEqual([])
    })
  },
)

describe('a program of somebody else', () => {
  const examples = join(outside, 'examples')

  /** The package's example and its test, with what was installed in the place of the package's sources. */
  async function copyExample(dir: string, name: string): Promise<void> {
    const isWanted = (path: string) => !/\.test(-d)?\.ts$/.test(path) || path.endsWith('/example.test.ts')
    for (const folder of ['example', 'test']) {
      const from = join(root, dir, folder)
      if (existsSync(from)) await cp(from, join(examples, dir, folder), { recursive: true, filter: isWanted })
    }
    await cp(join(installed(name), 'README.md'), join(examples, dir, 'README.md'))
    await mkdir(join(examples, dir, 'src'), { recursive: true })
    await writeFile(join(examples, dir, 'src', 'index.ts'), `export * from '${name}'\n`)
    const beside = join(dir, 'src', 'example.test.ts')
    if (existsSync(join(root, beside))) await cp(join(root, beside), join(examples, beside))
  }

  beforeAll(async () => {
    for (const tool of ['vite', 'vitest']) await symlink(join(root, 'node_modules', tool), installed(tool))
    for (const { dir, manifest } of inject('packages')) await copyExample(dir, manifest.name)
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      types: ['node'],
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
    }
    const include = ['examples/*/*/src/index.ts', 'examples/*/*/example']
    const config = { compilerOptions, include, exclude: ['**/*.test.ts'] }
    await writeFile(join(outside, 'tsconfig.json'), JSON.stringify(config))
  })

  test('compiles with all packages and all examples of their READMEs, strictly', async () => {
    await run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', '.'], outside)
  })

  test('loads every package in Node', async () => {
    const all = published.map(({ manifest }) => `import '${manifest.name}'\n`)
    await writeFile(join(outside, 'load.js'), all.join(''))
    expect(await run(process.execPath, ['load.js'], outside)).toBe('')
  })

  test('runs every example', async () => {
    const args = [
      join(installed('vitest'), 'vitest.mjs'),
      'run',
      '--root',
      outside,
      '--dir',
      examples,
      '--no-isolate',
    ]
    const report = join(outside, 'report.json')
    // For what tests alone need, and nobody has installed.
    const env = { ...process.env, NODE_PATH: join(root, 'node_modules', '.pnpm', 'node_modules') }
    await run(
      process.execPath,
      [...args, '--reporter=default', '--reporter=json', '--outputFile', report],
      outside,
      env,
    )
    const { numPassedTests, numTotalTests, testResults } = await readJson<{
      numPassedTests: number
      numTotalTests: number
      testResults: unknown[]
    }>(report)
    expect(numPassedTests).toBe(numTotalTests)
    const withTests = await readdir(examples, { recursive: true })
    expect(testResults).toHaveLength(withTests.filter(file => file.endsWith('example.test.ts')).length)
    expect(testResults.length).toBeGreaterThan(40)
  })

  const programs = published.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}))
  test.each(programs.filter(program => program.startsWith('ilp-')))('%s explains itself', async program => {
    expect(await run(join(outside, 'node_modules', '.bin', program), ['--help'], outside)).toContain(program)
  })
})
