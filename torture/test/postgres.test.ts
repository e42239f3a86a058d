import { it } from 'vitest'
import { SHORT_FORM_MS_MAX, shortForm } from './short-form.js'

it(
  'on Postgres the books are right whatever dies, and nothing stays held',
  { timeout: SHORT_FORM_MS_MAX },
  () => shortForm('postgres', 1),
)
