/**
 * Before the first test of this project: builds and packs what is published, and installs all of it in a folder that
 * has nothing to do with this repository. Behind the last one the folder is removed.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { root } from '../../scripts/workspace.mjs'
import { type Packed, pack, readJson } from './pack.js'
import { type Registry, serveRegistry } from './registry.js'
import { npmInstall, run } from './run.js'

declare module 'vitest' {
  interface ProvidedContext {
    readonly packages: readonly Packed[]
    /** Where all of them are installed. */
    readonly outside: string
    /** For folders of single tests; gone in the end. */
    readonly temporary: string
    /** What an `.npmrc` has to say, so that npm finds them. */
    readonly npmrc: string
  }
}

const { devDependencies } = await readJson<{ devDependencies: Record<string, string> }>(
  join(root, 'package.json'),
)

let temporary: string
let registry: Registry | undefined

export async function setup(project: TestProject): Promise<void> {
  temporary = await mkdtemp(join(tmpdir(), 'packaging-'))
  try {
    await install(project)
  } catch (error) {
    await teardown()
    throw error
  }
}

export async function teardown(): Promise<void> {
  await registry?.close()
  await rm(temporary, { recursive: true })
}

async function install(project: TestProject): Promise<void> {
  for (const script of ['setup.mjs', 'declarations.mjs'])
    await run(process.execPath, [join(root, 'scripts', script)], root)
  const packages = await pack(temporary)
  registry = await serveRegistry(packages)
  const npmrc = `@ilp:registry=${registry.url}\n`

  const outside = join(temporary, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, '.npmrc'), npmrc)
  await writeFile(join(outside, 'package.json'), '{ "name": "outside", "private": true, "type": "module" }\n')
  const names = packages.map(({ manifest }) => manifest.name)
  await npmInstall(outside, ...names, `@types/node@${devDependencies['@types/node']}`)

  project.provide('packages', packages)
  project.provide('outside', outside)
  project.provide('temporary', temporary)
  project.provide('npmrc', npmrc)
}
