import { describe, expect, it } from 'vitest'
import { ApiProblem, sortFaults } from '../page/api/problem.js'

const fields = { amount: 'amount', 'amount.sourceMax': 'most', 'btp.incomingTokens': 'token' } as const

describe('what the API finds wrong', () => {
  it('goes to the field of its path, or of the next one above; the rest stays', () => {
    const problem = new ApiProblem(400, {
      detail: 'the body is not as it should be',
      errors: [
        { path: 'amount.source', message: 'expected less' },
        { path: 'amount.sourceMax', message: 'expected more' },
        { path: 'btp.incomingTokens.0', message: 'expected a token' },
        { path: 'btp', message: 'unknown' },
        { path: '', message: 'expected an object' },
      ],
    })
    const { faults, rest } = sortFaults(problem, fields)
    expect(faults).toEqual({ amount: 'Expected less.', most: 'Expected more.', token: 'Expected a token.' })
    expect(rest).toMatchObject({
      status: 400,
      document: {
        errors: [
          { path: 'btp', message: 'unknown' },
          { path: '', message: 'expected an object' },
        ],
      },
    })
  })

  it('leaves nothing where all of it is of fields, and all of what is of none', () => {
    const ofField = new ApiProblem(400, { errors: [{ path: 'amount', message: 'expected less' }] })
    expect(sortFaults(ofField, fields).rest).toBeUndefined()
    for (const error of [new ApiProblem(409, { detail: 'there is one already' }), new TypeError('cut')]) {
      expect(sortFaults(error, fields)).toEqual({ faults: {}, rest: error })
    }
  })
})
