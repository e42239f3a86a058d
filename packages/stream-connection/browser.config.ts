import { fileURLToPath } from 'node:url'
import type { Options } from 'tsup'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * The build for browsers, one module: this package and what it stands on, with stand-ins for what browsers lack of
 * Node. Only the packages that the stand-ins use are left to be resolved.
 */
export const browserBuild: Options = {
  entry: { browser: here('./src/index.ts') },
  outDir: here('./dist'),
  format: ['esm'],
  target: 'es2022',
  platform: 'browser',
  // The alias below is by the whole name.
  removeNodeProtocol: false,
  sourcemap: true,
  clean: false,
  dts: false,
  silent: true,
  splitting: false,
  external: [/^@noble\//, /^buffer\/$/],
  noExternal: [/^@ilp\//, /^ilp-packet$/],
  inject: [here('./src/browser/buffer.ts')],
  esbuildOptions: options => {
    options.conditions = ['@ilp/source', 'browser', 'import']
    options.alias = {
      'node:crypto': here('./src/browser/crypto.ts'),
      'ilp-packet': here('./src/browser/ilp-packet.ts'),
    }
  },
}
