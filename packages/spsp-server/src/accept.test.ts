import { expect, test } from 'vitest'
import { acceptsSpsp } from './accept.js'

test.each([
  undefined,
  'application/spsp4+json',
  'application/spsp4+json, application/spsp+json',
  'application/spsp+json',
  'text/html, application/xhtml+xml, */*;q=0.8',
  'application/*',
  'Application/SPSP4+JSON;q=0.5',
  'application/ilp-stream+json, application/spsp4+json',
  'application/spsp4+json;q=0.001',
])('%j takes SPSP', accept => expect(acceptsSpsp(accept)).toBe(true))

test.each([
  '',
  'text/html',
  'application/json',
  'application/spsp3+json',
  '*/*;q=0',
  'application/*; q=0.000',
  'text/*',
])('%j does not', accept => expect(acceptsSpsp(accept)).toBe(false))
