import type { KnipConfig } from 'knip'

const REQUIRED = /createRequire\(import\.meta\.url\)(?:\.resolve)?\('([^']+)'\)/g
const COMPILED = /\bcompile\('([\w-]+\.ts)'/g

/** Says as imports what tests require of npm's packages, whose own types they do without, and what they run as programs. */
const withRequired = (text: string): string =>
  text +
  [...text.matchAll(REQUIRED)].map(([, name]) => `\nvoid import('${name}')`).join('') +
  [...text.matchAll(COMPILED)].map(([, name]) => `\nvoid import('./${name}')`).join('')

const config: KnipConfig = {
  compilers: { ts: withRequired },
  // What a file exports and uses itself is there to be read: types, mostly.
  ignoreExportsUsedInFile: true,
  // Programs of the system.
  ignoreBinaries: ['pngquant', 'prlimit', 'promtool', 'script'],
  // One configuration for all packages; the entries below name their tests.
  vitest: false,
  workspaces: {
    '.': {
      entry: ['scripts/*.mjs', 'vitest.workspace.ts'],
      project: ['scripts/**/*.mjs', '*.ts'],
      // Run by `npm run check`, by lerna's command line and by npx in this folder.
      ignoreDependencies: ['oxlint', 'oxlint-tsgolint', 'lerna', '@ilp/connector'],
    },
    '{packages,apps,examples}/*': {
      entry: [
        'src/{index,main,start}.ts',
        '{src,test}/**/*.test.ts',
        'src/**/*.test-d.ts',
        // Programs that tests run as processes.
        '{src,test}/**/*-program.ts',
        '{src/programs,test/programs,test/fixtures}/*.ts',
        'example/*.ts',
      ],
      project: ['{src,test,example}/**/*.ts'],
    },
    'apps/dashboard': {
      entry: ['page/main.tsx', 'scripts/*.mjs', '{src,test}/**/*.test.ts'],
      project: ['{src,test,page,scripts}/**/*.{ts,tsx,mjs}'],
    },
    bench: {
      // The peers are required by names that are in variables.
      entry: ['src/**/*.ts'],
      project: ['src/**/*.ts'],
      ignoreDependencies: ['@interledger/stream-receiver', 'ilp-connector', 'ilp-protocol-stream'],
    },
    torture: { entry: ['src/main.ts', '{src,test}/**/*.test.ts'], project: ['{src,test}/**/*.ts'] },
    packaging: { entry: ['test/*.test.ts', 'test/set-up.ts'], project: ['test/**/*.ts'] },
    docs: {
      entry: ['site/**/*.{ts,mjs}', '{site,test}/**/*.test.ts', '.vitepress/{config,theme/index}.ts'],
      project: ['{site,test}/**/*.{ts,mjs}'],
      // The pages that vitepress makes ask for the one, and a program that a test starts, as another package, for the other.
      ignoreDependencies: ['vue', 'tsx'],
    },
  },
}

export default config
