/** The folders of the workspace and their manifests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** What npx is told to run the package manager, before the manager's own arguments. */
export const pnpm = ['--yes', 'pnpm@10.34.9']

const parents = ['packages', 'apps', 'examples']

/** Every package of the workspace: its folder, relative to the root, and its manifest. */
export const workspace = () =>
  parents
    .filter(parent => existsSync(join(root, parent)))
    .flatMap(parent =>
      readdirSync(join(root, parent))
        .sort()
        .map(name => `${parent}/${name}`),
    )
    .concat('bench', 'torture', 'packaging')
    .filter(dir => existsSync(join(root, dir, 'package.json')))
    .map(dir => ({ dir, manifest: JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8')) }))
