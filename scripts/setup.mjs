/**
 * Does whatever set-up is still missing: the dependencies of the lockfile, then the build. Needs nothing but
 * Node and npm. A run with nothing to do takes a few milliseconds.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildPage } from '../apps/dashboard/scripts/build.mjs'
import { bin, pnpm, root, run, workspace } from './workspace.mjs'

const workspaces = workspace().map(({ dir }) => join(root, dir))

const digest = files => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(existsSync(file) ? readFileSync(file) : '')
  return hash.digest('hex')
}

/** Runs `step` unless its result is there and the stamp says that it was made from the same input. */
const once = (name, input, missing, step) => {
  const stamp = join(root, 'node_modules', '.cache', 'setup', name)
  if (!missing && existsSync(stamp) && readFileSync(stamp, 'utf8') === input) return
  step()
  mkdirSync(join(stamp, '..'), { recursive: true })
  writeFileSync(stamp, input)
}

const sources = dir =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => {
      const file = join(entry.parentPath, entry.name)
      const { mtimeMs, size } = statSync(file)
      return `${file} ${mtimeMs} ${size}`
    })

const manifests = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map(name => join(root, name))
const input = digest([...manifests, ...workspaces.map(dir => join(dir, 'package.json'))])
once('dependencies', input, !existsSync(join(root, 'node_modules', '.pnpm')), () => {
  console.log('Installing dependencies …')
  run('npx', [...pnpm, 'install', '--frozen-lockfile', '--prefer-offline'])
})

const unbuilt = workspaces.some(dir => existsSync(join(dir, 'src')) && !existsSync(join(dir, 'dist')))
const state = workspaces.flatMap(dir => (existsSync(join(dir, 'src')) ? sources(join(dir, 'src')) : []))
once('build', createHash('sha256').update(state.join('\n')).digest('hex'), unbuilt, () => {
  console.log('Building …')
  run(bin('tsup'), [])
})
await buildPage()
