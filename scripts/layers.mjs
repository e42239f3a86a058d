/**
 * Holds the packages against the map: who may depend on whom, what each folder has to have. Writes what follows from
 * the manifests: the package table of the README, the compiler's project references, the licences that packages ship,
 * and the sources that pages of the documentation show. With --check it only compares.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, workspace } from './workspace.mjs'

/** The layers from the bottom up, with those that each may depend on. */
const layers = {
  contracts: { title: 'Contracts', below: ['contracts'] },
  protocol: { title: 'Protocol: bytes and state machines', below: ['contracts', 'protocol'] },
  services: { title: 'Services', below: ['contracts', 'protocol'] },
  stores: { title: 'Stores', below: ['contracts'] },
  proof: { title: 'Proof', below: ['contracts', 'protocol', 'proof'] },
  tools: { title: 'Tools', below: [] },
  apps: { title: 'Assemblies', below: ['contracts', 'protocol', 'services', 'stores', 'apps'] },
}

/** Programs of this repository, which no package table lists. */
const isTool = dir => ['bench', 'torture', 'packaging'].includes(dir)

const check = process.argv.includes('--check')
const problems = []
const packages = workspace()
const byName = new Map(packages.map(entry => [entry.manifest.name, entry]))
const read = path => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined)

const filesBelow = dir =>
  existsSync(join(root, dir))
    ? readdirSync(join(root, dir), { recursive: true })
        .map(name => join(dir, name))
        .filter(path => path.endsWith('.ts'))
    : []

const rootTools = JSON.parse(read('package.json')).devDependencies

/** Names of the packages, of ours and others, that a source file imports. */
const importsOf = path =>
  [...read(path).matchAll(/(?:from|import)\s+'([^'.][^']*)'|import\('([^'.][^']*)'\)/g)]
    .map(match => match[1] ?? match[2])
    .filter(name => !name.startsWith('node:') && !name.includes('$'))
    .map(name => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))

/** Writes the file, or says that it is out of date. */
const keep = (path, text) => {
  if (read(path) === text) return
  if (check) problems.push(`${path} is out of date: node scripts/layers.mjs`)
  else writeFileSync(join(root, path), text)
}

for (const { dir, manifest } of packages) {
  const { name, layer, dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest
  const say = what => problems.push(`${dir}: ${what}`)
  if (!layers[layer]) {
    say(`layer ${layer} is not one of ${Object.keys(layers).join(', ')}`)
    continue
  }
  for (const dependency of Object.keys(dependencies)) {
    const other = byName.get(dependency)
    if (!other) continue
    if (!layers[layer].below.includes(other.manifest.layer) && !manifest.private) {
      say(`${layer} must not depend on ${dependency}, which is ${other.manifest.layer}`)
    }
  }

  const tests = [
    ...filesBelow(`${dir}/test`),
    ...filesBelow(`${dir}/src`).filter(path => /\.test(-d)?\.ts$/.test(path)),
  ]
  const sources = filesBelow(`${dir}/src`).filter(path => !tests.includes(path))
  const everywhere = { ...dependencies, ...peerDependencies }
  for (const [paths, allowed] of [
    [sources, everywhere],
    [[...tests, ...filesBelow(`${dir}/example`)], { ...everywhere, ...devDependencies }],
  ]) {
    for (const path of paths) {
      for (const imported of importsOf(path)) {
        const isKnown =
          imported in allowed || imported === name || (paths !== sources && imported in rootTools)
        if (!isKnown) problems.push(`${path} imports ${imported}, which its package does not depend on`)
      }
    }
  }
  const used = new Set(sources.flatMap(importsOf))
  for (const dependency of Object.keys(dependencies)) {
    const needed = dependency.replace(/^@types\//, '')
    if (!used.has(needed) && !manifest.private) say(`${dependency} is a dependency that no source imports`)
  }

  if (!manifest.private) keep(`${dir}/LICENSE`, read('LICENSE'))
  if (dir.startsWith('packages/')) {
    if (name !== `@ilp/${dir.slice('packages/'.length)}`) say(`is named ${name}`)
    if (!tests.some(path => path.endsWith('.test.ts'))) say('has no tests')
    const readme = read(`${dir}/README.md`)
    if (!readme) say('has no README.md')
    const example = read(`${dir}/example/usage.ts`)
    if (example && readme && !readme.includes(example.trim()))
      say('its README does not show example/usage.ts as it is')
  }
  if (dir.startsWith('packages/') || !manifest.private) {
    const references = Object.keys(dependencies)
      .filter(dependency => byName.has(dependency))
      .toSorted((one, other) => (one < other ? -1 : 1))
      .map(dependency => ({ path: relative(dir, byName.get(dependency).dir) }))
    const config = {
      extends: '../../tsconfig.package.json',
      include: ['src'],
      ...(references.length > 0 && { references }),
    }
    keep(`${dir}/tsconfig.json`, `${JSON.stringify(config, undefined, 2)}\n`)
  }
}

const rows = layer =>
  packages
    .filter(({ dir, manifest }) => manifest.layer === layer && !isTool(dir) && !dir.startsWith('examples/'))
    .map(
      ({ dir, manifest }) =>
        `| [\`${manifest.private ? dir : manifest.name}\`](${dir}) | ${manifest.description} |`,
    )
const table = Object.entries(layers)
  .map(([layer, { title }]) => [title, rows(layer)])
  .filter(([, lines]) => lines.length > 0)
  .map(([title, lines]) => `| **${title}** | |\n${lines.join('\n')}`)
  .join('\n')
const readme = read('README.md')
if (readme) {
  const marked = /(<!-- packages -->\n)[\s\S]*?(\n<!-- \/packages -->)/
  if (!marked.test(readme)) problems.push('README.md has no place for the package table')
  keep('README.md', readme.replace(marked, `$1\n| package | what it does |\n|---|---|\n${table}\n$2`))
}

/** A source in a page: a comment with its path, and a block of code that is filled from it. */
const shown = /(<!-- ([\w./-]+\.ts) -->\n```ts\n)(?:[\s\S]*?\n)??```/g
for (const page of readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md'))) {
  const text = read(`docs/${page}`)
  const filled = text.replace(shown, (_, head, path) => `${head}${read(path)?.trim()}\n\`\`\``)
  keep(`docs/${page}`, filled)
}

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
console.log(`${packages.length} packages, each in its place`)
