import { describe, expect, it } from 'vitest'
import { tests } from '../example/usage.js'

describe('the small store of the example', () => {
  for (const { name, run } of tests) it(name, run)

  it('is tested also over a restart', () => {
    expect(tests.map(({ name }) => name)).toContain('address: outlives a restart')
  })
})
