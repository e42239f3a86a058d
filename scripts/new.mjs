/**
 * `npm run new -- service NAME`, `store NAME` or `protocol NAME`: a package in packages/NAME that passes all checks, to go
 * on from. With --no-install the dependencies are left to whoever runs it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sources } from '../packages/create/dist/index.js'
import { bin, pnpm, root, run } from './workspace.mjs'

const kinds = {
  service: {
    template: 'middleware',
    layer: 'services',
    dependencies: ['service-core'],
    devDependencies: { '@ilp/service-testing': 'workspace:*' },
    reject: {
      code: 'F00',
      cells: ['`minPacketAmount`', 'a larger amount'],
      message: 'the amount is below …',
    },
  },
  store: {
    template: 'store',
    layer: 'stores',
    dependencies: ['service-core', 'store-traits'],
    devDependencies: { '@ilp/store-conformance': 'workspace:*' },
  },
  protocol: {
    template: 'protocol',
    layer: 'protocol',
    dependencies: ['oer'],
    devDependencies: { 'fast-check': 'catalog:' },
  },
}

const stop = message => {
  console.error(message)
  process.exit(1)
}

const [word, name, ...rest] = process.argv.slice(2).filter(arg => arg !== '--no-install')
const kind = kinds[word]
if (!kind || name === undefined || rest.length > 0)
  stop('npm run new -- service NAME, npm run new -- store NAME, or npm run new -- protocol NAME')
const folder = join(root, 'packages', name)
if (existsSync(folder)) stop(`packages/${name} is there already`)

const files = await sources(kind.template, `@ilp/${name}`).catch(error => stop(error.message))
const [, description] = /^# .*\n\n(.*)\.\n/.exec(files.get('README.md'))
const manifest = {
  name: `@ilp/${name}`,
  version: JSON.parse(readFileSync(join(root, 'lerna.json'), 'utf8')).version,
  description,
  keywords: ['interledger', 'ilp', ...name.split('-')],
  layer: kind.layer,
  exports: {
    '.': { '@ilp/source': './src/index.ts', types: './dist/index.d.ts', import: './dist/index.js' },
  },
  dependencies: Object.fromEntries(kind.dependencies.map(each => [`@ilp/${each}`, 'workspace:^'])),
  devDependencies: kind.devDependencies,
}
files.set('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
for (const [path, text] of files) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

// Another name may need another order of imports, or another line.
run(bin('biome'), ['check', '--write', '--log-level=error', folder])
const example = readFileSync(join(folder, 'example', 'usage.ts'), 'utf8')
const readme = files.get('README.md').replace(files.get('example/usage.ts').trim(), () => example.trim())
writeFileSync(join(folder, 'README.md'), readme)

if (kind.reject) {
  // The page of all rejects, which a test holds to the sources: a row at the end of its code's table.
  const page = join(root, 'docs', 'rejects.md')
  const { code, message, cells } = kind.reject
  const row = [`\`${message}\``, `[\`${name}\`](../packages/${name})`, ...cells].join(' | ')
  const table = new RegExp(`(## ${code} [^]*?\\n(?:\\|.*\\n)+)`)
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(table, (_, rows) => `${rows}| ${row} |\n`),
  )
}
run(process.execPath, [join(root, 'scripts', 'manifests.mjs')])
run(process.execPath, [join(root, 'scripts', 'layers.mjs')])
if (!process.argv.includes('--no-install')) run('npx', [...pnpm, 'install', '--prefer-offline'])
console.log(
  `packages/${name} is there, with its row in the README. Its tests: npm run check -- packages/${name}`,
)
