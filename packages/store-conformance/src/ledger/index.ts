import type { Cases } from '../scene.js'
import { batchCases } from './batches.js'
import { historyCases } from './histories.js'
import { leaseCases } from './leases.js'
import { limitCases } from './limits.js'
import { keptCases, postingCases } from './postings.js'
import { raceCases } from './races.js'
import { sessionCases } from './sessions.js'

export const ledgerCases: readonly Cases[] = [
  postingCases,
  limitCases,
  ...batchCases,
  sessionCases,
  leaseCases,
  raceCases,
  historyCases,
  keptCases,
]
