import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Manifest, packing, pnpm, root, tarballName, workspace } from '../../scripts/workspace.mjs'
import { run } from './run.js'

/** A package as it would be published. */
export interface Packed {
  /** Where its sources are, relative to the root of the repository. */
  readonly dir: string
  /** The manifest in its tarball. */
  readonly manifest: Manifest
  /** The whole path of its tarball. */
  readonly tarball: string
}

/** Programs of these tests that need a package which is not published. */
const alsoPacked = ['@ilp/test-servers']

/** Packs what is published into a folder, as it lies built in the workspace. */
export async function pack(folder: string): Promise<Packed[]> {
  const wanted = workspace().filter(({ manifest }) => !manifest.private || alsoPacked.includes(manifest.name))
  await run('npx', [...pnpm, ...packing(wanted, folder)], root)
  return Promise.all(
    wanted.map(async ({ dir, manifest }) => {
      const tarball = join(folder, tarballName(manifest))
      const text = await run('tar', ['-xzOf', tarball, 'package/package.json'], folder)
      return { dir, manifest: JSON.parse(text) as Manifest, tarball }
    }),
  )
}

export const readJson = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T
