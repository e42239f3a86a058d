import { APPLY } from './v1/apply.js'
import { DIRECTORY } from './v1/directory.js'
import { SESSIONS } from './v1/sessions.js'
import { SETTLEMENTS } from './v1/settlements.js'
import { TABLES } from './v1/tables.js'
import { RATE_LIMITS } from './v2/rate-limits.js'
import { APPLY as APPLY_3 } from './v3/apply.js'
import { HOLDERS } from './v3/holders.js'
import { APPLY as APPLY_4 } from './v4/apply.js'

/**
 * The way from each version of the layout to the next, from none to version 1 first: statements of PL/pgSQL. Forward
 * only; a step that has been published never changes.
 */
export const MIGRATIONS: readonly string[] = [
  TABLES + DIRECTORY + SESSIONS + APPLY + SETTLEMENTS,
  RATE_LIMITS,
  HOLDERS + APPLY_3,
  APPLY_4,
]
