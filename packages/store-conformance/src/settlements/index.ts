import type { Cases } from '../scene.js'
import { creditCases } from './credit.js'
import { mixedHistoryCases } from './histories.js'
import { leftoverCases } from './leftovers.js'
import { outboxCases } from './outbox.js'
import { settleCases } from './settle.js'

export const settlementCases: readonly Cases[] = [
  settleCases,
  ...outboxCases,
  ...creditCases,
  ...leftoverCases,
  mixedHistoryCases,
]
