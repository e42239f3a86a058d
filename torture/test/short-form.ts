import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { STORES } from '../src/stores.js'
import { type Leg, torture } from '../src/torture.js'
import { bundleConnector } from './connector-bundle.js'

const LEGS = 3
const KILLS_PER_LEG = 10

/** A busy machine may make it long. */
export const SHORT_FORM_MS_MAX = 240_000

/** Some 30 kills on a store of this kind, and a check of all books behind every tenth. */
export async function shortForm(name: string, serverKillsPerLeg: number): Promise<void> {
  const store = STORES.find(kind => kind.name === name)
  if (!store) throw new Error(`there is no store ${name}`)
  const folder = await mkdtemp(join(tmpdir(), `ilp-torture-${name}-`))
  const legs: Leg[] = []
  await torture({
    store,
    // In its message, a failure names the leg, whose acts follow from this.
    seed: 'short form',
    firstLeg: 0,
    legs: LEGS,
    killsPerLeg: KILLS_PER_LEG,
    serverKills: () => serverKillsPerLeg,
    fulfillsBetweenMax: 30,
    folder,
    program: await bundleConnector(folder),
    done: leg => void legs.push(leg),
  })
  expect(legs).toHaveLength(LEGS)
  for (const { acts, fulfilled } of legs) {
    expect(acts.kill).toBeGreaterThanOrEqual(KILLS_PER_LEG)
    expect(acts['server kill']).toBe(serverKillsPerLeg)
    // Money has moved: books that nothing happened in are right as well.
    expect(fulfilled).toBeGreaterThan(0)
  }
  // What failed keeps its logs.
  await rm(folder, { recursive: true, force: true })
}
