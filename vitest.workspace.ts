import { defineConfig } from 'vitest/config'

// Tests read the packages' sources: no build is needed before them.
const conditions = ['@ilp/source', 'node']
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
}
/** No test takes this long by itself; a busy machine may make it. */
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } }

export default defineConfig({
  test: {
    // Tests wait for sockets, processes and timers more than they compute.
    maxWorkers: '100%',
    reporters: ['default', './scripts/closing-line.mjs'],
    projects: [
      {
        ...shared,
        test: {
          ...timeouts,
          name: 'unit',
          include: ['{packages,apps,examples}/*/src/**/*.test.ts', '{bench,torture}/src/**/*.test.ts'],
        },
      },
      {
        ...shared,
        test: {
          ...timeouts,
          name: 'integration',
          include: ['{packages,apps,examples}/*/test/**/*.test.ts', '{torture,docs}/test/**/*.test.ts'],
          exclude: ['**/*.timing.test.ts'],
        },
      },
      {
        ...shared,
        // Promises that are kept by the clock: these run when nothing else does.
        test: {
          ...timeouts,
          name: 'timing',
          include: ['{packages,apps,examples}/*/test/**/*.timing.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What users get: packed, installed elsewhere, used. Without the condition: nothing of this reads sources.
        test: {
          testTimeout: 300_000,
          hookTimeout: 300_000,
          name: 'packaging',
          include: ['packaging/test/**/*.test.ts'],
          globalSetup: './packaging/test/set-up.ts',
          sequence: { groupOrder: 2 },
        },
      },
      {
        ...shared,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/src/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
          },
        },
      },
    ],
  },
})
