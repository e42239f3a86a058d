import fc from 'fast-check'
import { IlpError } from 'ilp-packet'
import { describe, expect, it } from 'vitest'
import { CODE_LABELS, codeLabel } from './codes.js'

describe('codes of rejects', () => {
  it('has each code of RFC 27 under its own name', () => {
    for (const code of Object.values(IlpError)) expect(codeLabel(code)).toBe(code)
  })

  it('counts what peers make up by its class', () => {
    expect(['F50', 'T50', 'R50', 'X00', '   ', '\u0000\u0000\u0000', 'ÿÿÿ', ''].map(codeLabel)).toEqual([
      'Fxx',
      'Txx',
      'Rxx',
      'other',
      'other',
      'other',
      'other',
      'other',
    ])
  })

  it('makes no new label of any string', () => {
    const labels = new Set(CODE_LABELS)
    fc.assert(fc.property(fc.string({ unit: 'binary' }), code => labels.has(codeLabel(code))))
  })
})
