/**
 * Holds the manifest of every published package to one form, and writes what follows from the rest: where its sources
 * are, what its tarball holds, how it is published. With --check it only compares.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, workspace } from './workspace.mjs'

const check = process.argv.includes('--check')
const problems = []
const { engines, license, repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The condition under which this repository reads sources instead of what is built. */
const SOURCE = '@ilp/source'

/** The exports without the condition that only this repository knows. */
const published = exports =>
  Object.fromEntries(
    Object.entries(exports).map(([path, conditions]) => [
      path,
      typeof conditions === 'string'
        ? conditions
        : Object.fromEntries(Object.entries(conditions).filter(([condition]) => condition !== SOURCE)),
    ]),
  )

/** Folders of a package that its users get, if it has them: what is built, and the sources that its maps point to. */
const shipped = ['bin', 'config', 'dist', 'monitoring', 'src', 'templates']
const unshipped = ['!dist/.tsbuildinfo', '!src/**/*.test.ts', '!src/**/*.test-d.ts']

const files = dir => [
  ...shipped.filter(name => name === 'dist' || existsSync(join(root, dir, name))),
  ...unshipped,
  'README.md',
  'LICENSE',
]

/** Programs do their work when they are imported; nothing else does. */
const sideEffects = ({ dir, manifest }) => {
  if (!manifest.bin) return false
  const programs = readdirSync(join(root, dir, 'src')).filter(name => /^(main|start)\.ts$/.test(name))
  return ['./bin/*.js', ...programs.map(name => `./dist/${name.replace(/ts$/, 'js')}`)]
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other)

/** By the name of a dependency: the range that was seen first, and where. */
const ranges = new Map()

for (const entry of workspace()) {
  const { dir, manifest } = entry
  const say = what => problems.push(`${dir}/package.json: ${what}`)
  const { dependencies = {}, devDependencies = {} } = manifest
  for (const name of Object.keys(dependencies)) if (name in devDependencies) say(`has ${name} twice`)
  for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (range.startsWith('workspace:')) continue
    const first = ranges.get(name) ?? { range, dir }
    ranges.set(name, first)
    if (first.range !== range)
      say(`has ${name} ${range}, ${first.dir} ${first.range}: name it in the catalog of pnpm-workspace.yaml`)
  }
  if (manifest.private) {
    if (manifest.publishConfig) say('is private, and says how to publish it')
    continue
  }
  if (!manifest.description) say('has no description')
  for (const word of ['interledger', 'ilp'])
    if (!manifest.keywords?.includes(word)) say(`lacks the keyword ${word}`)
  if (!(manifest.keywords?.length > 2)) say('has no keyword of its own')
  const main = manifest.exports?.['.']
  if (!main?.types || !main.import) say('has no exports with types and import')
  else if (Object.keys(main)[0] !== SOURCE || Object.keys(main)[1] !== 'types')
    say(`exports["."] does not begin with ${SOURCE} and types`)
  for (const [name, range] of Object.entries(manifest.dependencies ?? {}))
    if (range.startsWith('workspace:') && range !== 'workspace:^')
      say(`${name} is ${range}, not workspace:^: users would get a second copy of it`)

  const wanted = {
    license,
    type: 'module',
    sideEffects: sideEffects(entry),
    engines,
    repository: { ...repository, directory: dir },
    publishConfig: { access: 'public', provenance: true, exports: published(manifest.exports ?? {}) },
    files: files(dir),
  }
  const wrong = Object.keys(wanted).filter(name => !isSame(manifest[name], wanted[name]))
  if (wrong.length === 0) continue
  if (check) say(`${wrong.join(', ')} out of date: node scripts/manifests.mjs`)
  else
    writeFileSync(join(root, dir, 'package.json'), `${JSON.stringify({ ...manifest, ...wanted }, null, 2)}\n`)
}

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
console.log('Manifests in order')
