/** Builds the page into `dist/page`, unless it has been built from the same sources. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dir = join(import.meta.dirname, '..')
const page = join(dir, 'page')
const outDir = join(dir, 'dist', 'page')
/** Beside the page: a published package has no need of it. */
const stamp = join(dir, 'node_modules', '.cache-page')

/** Hashed files beside one `index.html`, which refers to them by relative paths; nothing is inline. */
const config = {
  configFile: false,
  root: page,
  base: './',
  logLevel: 'warn',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
}

/** Of all that the page is made of; the versions of its libraries are in the manifest. */
function digest() {
  const sources = readdirSync(page, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
  const hash = createHash('sha256')
  for (const file of [...sources, join(dir, 'package.json'), fileURLToPath(import.meta.url)]) {
    hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex')
}

/** Vite is loaded only where there is something to do. */
export async function buildPage() {
  const sources = digest()
  const isBuilt = existsSync(join(outDir, 'index.html')) && existsSync(stamp)
  if (isBuilt && readFileSync(stamp, 'utf8') === sources) return
  const { build } = await import('vite')
  await build(config)
  writeFileSync(stamp, sources)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage()
