import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { storeProcesses } from '../src/index.js'

describe('a store of which every process has its own is found out', () => {
  const tests = storeProcesses({
    module: new URL('./fixtures/unshared.ts', import.meta.url),
    createBackend: () => ({ url: '', name: '' }),
  })
  it.each([
    'what 64 ask for with one key over four processes happens once, and all are answered alike',
    'of several that notice the same dead process one ends its session, and its holds are given back once',
  ])('%s', async name => {
    const test = tests.find(test => test.name === name)
    if (!test) expect.fail(`there is no test "${name}"`)
    await expect(test.run()).rejects.toBeInstanceOf(AssertionError)
  })
})
