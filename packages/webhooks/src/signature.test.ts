import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sign, verify } from './index.js'

const nowMs = 1_767_225_600_123
const secret = 'a secret'
const body = '{"id":"1"}'
const signature = sign(body, secret, nowMs)
const signed = { body, signature, secret }

describe('a signature', () => {
  it('is HMAC-SHA256 over the seconds, a dot and the body', () => {
    const mac = createHmac('sha256', secret).update(`1767225600.${body}`).digest('hex')
    expect(signature).toBe(`t=1767225600,v1=${mac}`)
  })

  it('fits its body, its secret and its time alone', () => {
    expect(verify(signed, { nowMs })).toBe(true)
    expect(verify({ ...signed, body: Buffer.from(body) }, { nowMs })).toBe(true)
    expect(verify({ ...signed, body: `${body} ` }, { nowMs })).toBe(false)
    expect(verify({ ...signed, secret: 'another' }, { nowMs })).toBe(false)
    const later = signature.replace('t=1767225600', 't=1767225601')
    expect(verify({ ...signed, signature: later }, { nowMs })).toBe(false)
  })

  it('is good for a while, and not before its time', () => {
    for (const offMs of [-299_000, 299_000]) expect(verify(signed, { nowMs: nowMs + offMs })).toBe(true)
    for (const offMs of [-301_000, 301_000]) expect(verify(signed, { nowMs: nowMs + offMs })).toBe(false)
    expect(verify(signed, { nowMs: nowMs + 2_000, toleranceMs: 1_000 })).toBe(false)
    expect(verify(signed)).toBe(false)
  })

  it('may stand beside others', () => {
    const mac = signature.split(',')[1]
    const several = `v0=abc,t=1767225600, v1=${'0'.repeat(64)}, ${mac}`
    expect(verify({ ...signed, signature: several }, { nowMs })).toBe(true)
  })

  it.each([
    '',
    't=1767225600',
    signature.slice(13),
    `t=,${signature.slice(13)}`,
    `${signature}0`,
    't=x,v1=y',
  ])('is not %j', text => expect(verify({ ...signed, signature: text }, { nowMs })).toBe(false))
})
