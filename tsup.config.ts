import { readdirSync } from 'node:fs'
import { defineConfig } from 'tsup'
import { browserBuild } from './packages/stream-connection/browser.config.js'

const common = {
  format: ['esm' as const],
  target: 'node20',
  sourcemap: true,
  // The browsers' build of a package has its own configuration, and may be done before; so has the compiler's.
  clean: ['!browser.js*', '!page/**', '!**/*.d.ts*'],
  dts: false,
  silent: true,
  // Modules of Node are asked for by their whole names.
  removeNodeProtocol: false,
  // Whatever is imported by name is a dependency of its own.
  external: [/^[^./]/],
  skipNodeModulesBundle: true,
}

const folders = (parent: string) =>
  readdirSync(parent, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => `${parent}/${entry.name}`)

/** A package is one module; an assembly has an entry for each file at the top of its `src`. */
export default defineConfig([
  ...folders('packages').map(dir => ({ ...common, entry: [`${dir}/src/index.ts`], outDir: `${dir}/dist` })),
  ...[...folders('apps'), ...folders('examples'), 'bench', 'torture'].map(dir => ({
    ...common,
    entry: [`${dir}/src/*.ts`, '!**/*.test.ts'],
    outDir: `${dir}/dist`,
  })),
  browserBuild,
])
