import { askerCases } from './askers.js'
import { endCases } from './ends.js'
import type { ProcessesHarness, ProcessesTest } from './harness.js'
import { payerCases } from './payers.js'
import { Scene } from './scene.js'

/** The tests that a store has to pass which several processes may share. */
export const storeProcesses = (harness: ProcessesHarness): readonly ProcessesTest[] =>
  Object.entries({ ...payerCases, ...endCases, ...askerCases }).map(([name, test]) => ({
    name,
    run: async () => {
      await using scene = await Scene.of(harness)
      await test(scene)
    },
  }))
