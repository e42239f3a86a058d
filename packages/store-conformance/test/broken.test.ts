import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storeConformance } from '../src/index.js'
import type { Broken } from './broken/broken.js'
import { brokenAccounts } from './broken/broken-accounts.js'
import { brokenAdjustments } from './broken/broken-adjustments.js'
import { brokenArithmetic } from './broken/broken-arithmetic.js'
import { brokenCredentials } from './broken/broken-credentials.js'
import { brokenIncoming } from './broken/broken-incoming.js'
import { brokenLeases } from './broken/broken-leases.js'
import { brokenLimits } from './broken/broken-limits.js'
import { brokenLives } from './broken/broken-lives.js'
import { brokenOutgoing } from './broken/broken-outgoing.js'
import { brokenRateLimits } from './broken/broken-rate-limits.js'
import { brokenRates } from './broken/broken-rates.js'
import { brokenRoutes } from './broken/broken-routes.js'
import { brokenSessions } from './broken/broken-sessions.js'
import { brokenSteps } from './broken/broken-steps.js'
import { createPlainStore, PlainBackend, plainHarness } from './plain-store.js'

// What is random finds its fault each time, or never.
fc.configureGlobal({ seed: 1 })

const BROKEN = [
  ...brokenLives,
  ...brokenAccounts,
  ...brokenCredentials,
  ...brokenRoutes,
  ...brokenArithmetic,
  ...brokenLimits,
  ...brokenSteps,
  ...brokenSessions,
  ...brokenLeases,
  ...brokenOutgoing,
  ...brokenIncoming,
  ...brokenAdjustments,
  ...brokenRates,
  ...brokenRateLimits,
]

const testsOf = ({ into, createStore = createPlainStore }: Broken) =>
  storeConformance({
    ...plainHarness,
    feedMs: 20,
    createBackend: () => {
      const backend = new PlainBackend()
      into?.(backend)
      return backend
    },
    createStore,
  })

/** What a test ends with. */
const end = (run: () => Promise<void>): Promise<unknown> =>
  run().then(
    () => 'passed',
    error => error,
  )

describe('the suite finds out a store that', () => {
  for (const broken of BROKEN) {
    it(broken.fault, async () => {
      const tests = new Map(testsOf(broken).map(({ name, run }) => [name, run]))
      for (const name of broken.caughtBy) {
        const run = tests.get(name)
        if (!run) expect.fail(`there is no test "${name}"`)
        const error = await end(run)
        expect(error, name).toBeInstanceOf(Error)
        // A store that stumbles over its own fault proves nothing.
        expect(error, name).not.toBeInstanceOf(TypeError)
      }
    })
  }
})
