/** The folders of the workspace and their manifests, and how scripts run the tools of this repository. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** A program that the dependencies of the root bring along. */
export const bin = name => join(root, 'node_modules', '.bin', name)

/** Runs a program in the root, and ends this one with its exit code when it fails. */
export const run = (command, args, stdin = 'ignore') => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: [stdin, 'inherit', 'inherit'] })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

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

/** What the package manager is told, to pack these packages into a folder. */
export const packing = (packages, folder) => [
  '--recursive',
  ...packages.map(({ manifest }) => `--filter=${manifest.name}`),
  'pack',
  '--pack-destination',
  folder,
]

/** What it calls the tarball of a package. */
export const tarballName = ({ name, version }) => `${name.slice(1).replace('/', '-')}-${version}.tgz`
