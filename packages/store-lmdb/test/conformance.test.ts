import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeConformance, TRAITS } from '@ilp/store-conformance'
import { createSecrets } from '@ilp/store-traits'
import { describe, it } from 'vitest'
import { createLmdbStore } from '../src/index.js'

const secrets = createSecrets(new Uint8Array(32).fill(7))

/** An empty folder with a clock that stands still until it is told to go on. */
async function createBackend() {
  const clock = { ms: 1_800_000_000_000 }
  return { clock, directory: await mkdtemp(join(tmpdir(), 'store-lmdb-')) }
}

/** Every octet of every file, as somebody reads it who has a copy of the folder. */
async function dump({ directory }: { readonly directory: string }): Promise<string> {
  const names = await readdir(directory)
  const files = await Promise.all(names.map(name => readFile(join(directory, name), 'latin1')))
  return files.join('\n')
}

describe('the LMDB store', () => {
  const tests = storeConformance({
    traits: TRAITS,
    createBackend,
    createStore: ({ directory, clock }) => createLmdbStore({ directory, secrets, nowMs: () => clock.ms }),
    disposeBackend: ({ directory }) => rm(directory, { recursive: true }),
    concurrent: false,
    durable: true,
    dump,
    pass: (ms, { clock }) => {
      clock.ms += ms
    },
  })
  for (const { name, run } of tests) it(name, run)
})
