import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The example asks for the package by its name: tests read its sources.
const source = fileURLToPath(new URL('./src/index.ts', import.meta.url))

export default defineConfig({
  resolve: { alias: { '@ilp/my-package': source } },
  test: { testTimeout: 60_000 },
})
