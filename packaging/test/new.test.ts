import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { root, workspace } from '../../scripts/workspace.mjs'
import { readJson } from './pack.js'
import { run } from './run.js'

const tree = join(inject('temporary'), 'tree')
const script = (name: string, ...args: string[]): Promise<string> =>
  run(process.execPath, [join(tree, 'scripts', name), ...args], tree)
const tool = (name: string, ...args: string[]): Promise<string> =>
  run(join(root, 'node_modules', '.bin', name), args, tree)

/** A copy of this repository without what git ignores, and with the dependencies that are installed here. */
beforeAll(async () => {
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], root)
  const files = listed.split('\0').filter(file => file !== '' && existsSync(join(root, file)))
  await Promise.all(files.map(file => cp(join(root, file), join(tree, file))))
  for (const dir of ['.', ...workspace().map(each => each.dir)]) {
    const modules = join(root, dir, 'node_modules')
    if (existsSync(modules)) await symlink(modules, join(tree, dir, 'node_modules'))
  }
  await cp(join(root, 'packages/create/dist'), join(tree, 'packages/create/dist'), { recursive: true })
  await run('git', ['init', '--quiet'], tree)
})

describe('npm run new', () => {
  const made = { service: 'zebra-toll', store: 'store-paper', protocol: 'a-greeting-packet' }
  const dirs = Object.values(made).map(name => `packages/${name}`)

  beforeAll(async () => {
    for (const [kind, name] of Object.entries(made)) {
      await script('new.mjs', kind, name, '--no-install')
      await link(`packages/${name}`)
    }
  })

  test('each package has its place: manifest, layer, README, licence', async () => {
    await script('manifests.mjs', '--check')
    await script('layers.mjs', '--check')
    const readme = await readFile(join(tree, 'README.md'), 'utf8')
    for (const dir of dirs) {
      expect(existsSync(join(tree, dir, 'LICENSE'))).toBe(true)
      expect(readme).toContain(`](${dir})`)
    }
  })

  test('they are formatted, and lint finds nothing', async () => {
    await tool('biome', 'check', '--error-on-warnings', ...dirs)
    await tool('oxlint', '--type-aware', '--deny-warnings', ...dirs)
  })

  test('they compile', async () => {
    const config = {
      extends: './tsconfig.json',
      compilerOptions: { incremental: false },
      include: dirs.flatMap(dir => [`${dir}/src`, `${dir}/example`]),
    }
    await writeFile(join(tree, 'tsconfig.new.json'), JSON.stringify(config))
    await tool('tsc', '-p', 'tsconfig.new.json')
  })

  test('their tests pass', async () => {
    const printed = await tool(
      'vitest',
      'run',
      '--config',
      'vitest.workspace.ts',
      '--project',
      'unit',
      ...dirs,
    )
    for (const dir of dirs) expect(printed).toContain(`${dir}/src/example.test.ts`)
    expect(printed).toMatch(/[1-9][0-9]* passed, 0 failed/)
  })
})

/** What an install would link. */
async function link(dir: string): Promise<void> {
  const manifest = await readJson<Record<'dependencies' | 'devDependencies', Record<string, string>>>(
    join(tree, dir, 'package.json'),
  )
  for (const needed of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const path = join(tree, dir, 'node_modules', needed)
    await mkdir(dirname(path), { recursive: true })
    const ours = join(tree, 'packages', needed.replace('@ilp/', ''))
    await symlink(needed.startsWith('@ilp/') ? ours : join(root, 'packages/oer/node_modules', needed), path)
  }
}

test.each([
  ['"license": "Apache-2.0"', '"license": "MIT"', 'license'],
  ['"provenance": true', '"provenance": false', 'publishConfig'],
  ['"workspace:^"', '"workspace:*"', 'a second copy'],
  ['"devDependencies": {', '"devDependencies": { "@ilp/oer": "workspace:^",', 'has @ilp/oer twice'],
  ['"fast-check": "catalog:"', '"fast-check": "4.0.0"', 'name it in the catalog'],
  ['"types": "./dist/index.d.ts",', '', 'has no exports with types'],
])('a manifest with %s made %s is refused', async (former, wrong, complaint) => {
  const path = join(tree, 'packages/a-greeting-packet/package.json')
  const right = await readFile(path, 'utf8')
  expect(right).toContain(former)
  await writeFile(path, right.replace(former, wrong))
  await expect(script('manifests.mjs', '--check')).rejects.toThrow(complaint)
  await writeFile(path, right)
})

test('a name that is taken is refused, and so is what is no kind', async () => {
  await expect(script('new.mjs', 'service', 'balance')).rejects.toThrow('packages/balance is there already')
  await expect(script('new.mjs', 'balance', 'service')).rejects.toThrow('npm run new -- service NAME')
  await expect(script('new.mjs', 'service', 'No Name')).rejects.toThrow('is no name for a package')
  await expect(script('new.mjs', 'service', 'stack')).rejects.toThrow("can't be called @ilp/stack")
})
