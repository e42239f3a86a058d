import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeConformance, TRAITS } from '@ilp/store-conformance'
import { createSecrets } from '@ilp/store-traits'
import { describe, it } from 'vitest'
import { createFileStore } from '../src/index.js'

const secrets = createSecrets(new Uint8Array(32).fill(7))

describe('the file store', () => {
  const tests = storeConformance({
    traits: TRAITS,
    createBackend: () => mkdtemp(join(tmpdir(), 'file-store-')),
    createStore: directory => createFileStore({ directory, secrets }),
    disposeBackend: directory => rm(directory, { recursive: true }),
    concurrent: false,
    durable: true,
    dump: directory => readFile(join(directory, 'store.jsonl'), 'utf8'),
  })
  for (const { name, run } of tests) it.concurrent(name, run)
})
