import { createHash } from 'node:crypto'
import { deserializeIlpPrepare } from 'ilp-packet'
import { describe, expect, it } from 'vitest'
import { EXPIRY_IN_PREPARE, FULFILLMENT, PREPARE_BYTES, prepareTemplate } from './prepare-template.js'

describe('the Prepare of a load', () => {
  it.each(['test.a', `test.${'b'.repeat(67)}`])('has 142 bytes, to %s', destination => {
    const bytes = prepareTemplate(destination, 7n)
    expect(bytes.length).toBe(PREPARE_BYTES)
    const prepare = deserializeIlpPrepare(bytes)
    expect(prepare).toMatchObject({ destination, amount: '7' })
    expect(prepare.executionCondition).toEqual(createHash('sha256').update(FULFILLMENT).digest())
  })

  it('has its expiry where patches go', () => {
    const bytes = prepareTemplate('test.a', 1n)
    bytes.write('20300102030405678', EXPIRY_IN_PREPARE, 'latin1')
    expect(deserializeIlpPrepare(bytes).expiresAt).toEqual(new Date('2030-01-02T03:04:05.678Z'))
  })

  it('refuses a destination that leaves no room for a counter', () => {
    expect(() => prepareTemplate(`test.${'b'.repeat(68)}`, 1n)).toThrow(RangeError)
  })
})
