/** What the site is made of: the pages in `docs`, and the README of every folder of the workspace. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The layers of the packages, as the manifests name them, in the order in which they are shown. */
export const LAYERS = {
  services: 'Services',
  stores: 'Stores',
  contracts: 'Contracts',
  protocol: 'Protocol',
  proof: 'Proof',
  apps: 'Assemblies',
  tools: 'Tools',
} as const
export type Layer = keyof typeof LAYERS

export interface Package {
  /** Relative to the root. */
  readonly dir: string
  readonly name: string
  readonly layer: Layer
  readonly isPrivate: boolean
}

const PARENTS = ['packages', 'apps', 'examples']
const TOOLS = ['bench', 'torture']

const foldersOf = (parent: string): string[] =>
  readdirSync(join(root, parent))
    .toSorted()
    .map(name => `${parent}/${name}`)
    .filter(dir => existsSync(join(root, dir, 'package.json')))

/** Every package of the workspace that has a README. */
export const packages: readonly Package[] = [...PARENTS.flatMap(foldersOf), ...TOOLS]
  .filter(dir => existsSync(join(root, dir, 'README.md')))
  .map(dir => {
    const manifest = JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8')) as {
      readonly name: string
      readonly layer: Layer
      readonly private?: boolean
    }
    return { dir, name: manifest.name, layer: manifest.layer, isPrivate: manifest.private === true }
  })

/** Where the page of a package is, without an ending. */
export const routeOf = ({ dir, layer }: Package): string =>
  dir.startsWith('packages/') ? `${layer}/${dir.slice('packages/'.length)}` : dir

/** Folders of `docs` that hold no pages. */
const NO_PAGES = new Set(['.vitepress', 'api', 'node_modules', 'site', 'test'])

const markdownBelow = (dir: string): string[] =>
  readdirSync(join(root, dir), { withFileTypes: true }).flatMap(entry => {
    const path = `${dir}/${entry.name}`
    if (entry.isDirectory()) return NO_PAGES.has(entry.name) ? [] : markdownBelow(path)
    return entry.name.endsWith('.md') ? [path] : []
  })

const withIndex = (path: string): string => path.replace(/(^|\/)README\.md$/, '$1index.md')

/** The file of each page that is written by hand, and its place in the site, both relative to their roots. */
export const pages: ReadonlyMap<string, string> = new Map([
  ...markdownBelow('docs').map(path => [path, withIndex(path.slice('docs/'.length))] as const),
  ...packages.map(one => [`${one.dir}/README.md`, `${routeOf(one)}.md`] as const),
  ['bench/RESULTS.md', 'bench-results.md'],
])

/** The packages that have an API page: those that are published. */
export const published = packages.filter(({ isPrivate, dir }) => dir.startsWith('packages/') && !isPrivate)

export const apiRouteOf = ({ dir }: Package): string => `api/${dir.slice('packages/'.length)}`

/** The file that the reference writes for each of them, and its place in the site. */
export const apiPages: ReadonlyMap<string, string> = new Map([
  ['docs/api/index.md', 'api/index.md'],
  ...published.map(one => [`docs/${apiRouteOf(one)}/src.md`, `${apiRouteOf(one)}.md`] as const),
])
