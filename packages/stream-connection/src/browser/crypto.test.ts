import * as node from 'node:crypto'
import fc from 'fast-check'
import { IlpError, Type } from 'ilp-packet'
import { expect, it } from 'vitest'
import * as browser from './crypto.js'
import * as standIn from './ilp-packet.js'

const octets = fc.uint8Array({ maxLength: 300 })
const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const iv = fc.uint8Array({ minLength: 12, maxLength: 12 })

it('hashes and authenticates as Node does', () => {
  fc.assert(
    fc.property(octets, key, (data, secret) => {
      for (const encoding of ['hex', 'binary'] as const) {
        expect(browser.hash('sha256', data, encoding)).toBe(node.hash('sha256', data, encoding))
      }
      const digest = browser.hash('sha256', data, 'buffer') as Uint8Array
      expect(node.hash('sha256', data, 'buffer').equals(digest)).toBe(true)
      const ours = browser.createHmac('sha256', secret).update('text').update(data).digest()
      expect(node.createHmac('sha256', secret).update('text').update(data).digest().equals(ours)).toBe(true)
    }),
  )
})

it('encrypts as Node does, and takes nothing that was changed', () => {
  fc.assert(
    fc.property(octets, key, iv, fc.nat(), (data, secret, vector, at) => {
      const theirs = node.createCipheriv('aes-256-gcm', secret, vector)
      const sealed = Buffer.concat([theirs.update(data), theirs.final()])
      const ours = browser.createCipheriv('aes-256-gcm', secret, vector)
      expect(sealed.equals(ours.update(data))).toBe(true)
      expect(ours.final()).toHaveLength(0)
      expect(theirs.getAuthTag().equals(ours.getAuthTag())).toBe(true)
      const open = (text: Uint8Array) => {
        const decipher = browser.createDecipheriv('aes-256-gcm', secret, vector)
        decipher.setAuthTag(theirs.getAuthTag())
        const plain = decipher.update(text)
        decipher.final()
        return plain
      }
      expect(Buffer.from(data).equals(open(sealed))).toBe(true)
      if (sealed.length === 0) return
      sealed[at % sealed.length] = (sealed[at % sealed.length] as number) ^ 1
      expect(() => open(sealed)).toThrow()
    }),
  )
})

it('compares, and draws random octets', () => {
  expect(browser.timingSafeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
  expect(browser.timingSafeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(() => browser.timingSafeEqual(Uint8Array.of(1), Uint8Array.of(1, 3))).toThrow(RangeError)
  const drawn = browser.randomFillSync(new Uint8Array(32))
  expect(drawn.some(octet => octet !== 0)).toBe(true)
})

it('has the constants of ilp-packet', () => {
  expect(Type).toMatchObject(standIn.Type)
  expect({ ...IlpError }).toEqual(standIn.IlpError)
})
