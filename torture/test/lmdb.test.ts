import { it } from 'vitest'
import { SHORT_FORM_MS_MAX, shortForm } from './short-form.js'

it('on LMDB the books are right whatever dies, and nothing stays held', { timeout: SHORT_FORM_MS_MAX }, () =>
  shortForm('lmdb', 0),
)
