import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { readJson } from './pack.js'
import { npmInstall, run } from './run.js'

/** Starts a project as its users do, against the registry of these tests; returns its folder. */
async function create(kind: string, name: string): Promise<string> {
  const folder = join(inject('temporary'), `create-${kind}`)
  await mkdir(folder)
  await writeFile(join(folder, '.npmrc'), inject('npmrc'))
  await run('npm', ['create', '--yes', '--prefer-offline', '@ilp', kind, name], folder)
  const made = join(folder, name)
  await writeFile(join(made, '.npmrc'), inject('npmrc'))
  return made
}

test.each([
  ['store', 'my-bank', 50],
  ['middleware', 'toll-gate', 5],
])(
  'npm create @ilp %s: it installs, compiles, passes its tests, and can be packed',
  async (kind, name, testsMin) => {
    const folder = await create(kind, name)
    await npmInstall(folder)
    await run('npm', ['test', '--', '--reporter=json', '--outputFile=report.json'], folder)
    const report = await readJson<{ numPassedTests: number; numTotalTests: number }>(
      join(folder, 'report.json'),
    )
    expect(report.numPassedTests).toBe(report.numTotalTests)
    expect(report.numPassedTests).toBeGreaterThan(testsMin)

    await run('npm', ['pack', '--pack-destination', '.'], folder)
    const files = (await run('tar', ['-tzf', `${name}-0.1.0.tgz`], folder)).split('\n')
    expect(files).toEqual(
      expect.arrayContaining(['package/dist/index.js', 'package/dist/index.d.ts', `package/src/${name}.ts`]),
    )
    expect(files.filter(file => file.includes('.test.'))).toEqual([])
    expect(await readdir(folder)).toContain('.gitignore')
  },
)
