import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** What comes from other authors stays where it is, and is imported from there. */
const othersStay: Plugin = {
  name: 'others stay',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, resolveDir, kind }) => {
      if (pluginData === 'resolving' || path.startsWith('@ilp/')) return undefined
      if (path.startsWith('node:')) return { path, external: true }
      const found = await resolve(path, { resolveDir, kind, pluginData: 'resolving' })
      return { errors: found.errors, path: pathToFileURL(found.path).href, external: true }
    })
  },
}

const bundles = new Map<string, Promise<string>>()

/**
 * Puts a TypeScript program and the sources of our packages into few files, for `startProgram`: it starts in less than
 * half the time. Each program is bundled once; the files go with this process. What the program looks for beside
 * itself, it doesn't find.
 */
export function bundleProgram(script: string): Promise<string> {
  let bundle = bundles.get(script)
  if (bundle === undefined) {
    bundle = bundled(script)
    bundles.set(script, bundle)
  }
  return bundle
}

async function bundled(script: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ilp-program-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await build({
    entryPoints: [script],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What a program imports only when it needs it is read only then.
    splitting: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@ilp/source'],
    plugins: [othersStay],
    logLevel: 'silent',
  })
  return join(folder, `${basename(script, '.ts')}.mjs`)
}
