import type { ProcessesTest } from '../harness.js'
import { cutCases } from './cuts.js'
import { memoryCases } from './memory.js'
import { OutageScene, type OutagesHarness } from './scene.js'
import { serverCases } from './servers.js'

/** The tests that a store on a server has to pass, whose connections are cut and whose server goes away. */
export const storeOutages = (harness: OutagesHarness): readonly ProcessesTest[] =>
  Object.entries({ ...cutCases, ...serverCases, ...memoryCases }).map(([name, test]) => ({
    name,
    run: async () => {
      await using scene = await OutageScene.of(harness)
      await test(scene)
    },
  }))
