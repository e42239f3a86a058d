/**
 * What STREAM needs of `node:crypto`, for browsers: WebCrypto has no synchronous functions, and a packet's keys, tags
 * and conditions are needed at once. The build for browsers puts this module in the place of Node's.
 *
 * @module
 */
import { gcm } from '@noble/ciphers/aes.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { Buffer } from './buffer.js'

const TAG_LENGTH = 16

const octetsOf = (data: Uint8Array | string): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data) : data

const view = (octets: Uint8Array): Buffer =>
  Buffer.from(octets.buffer as ArrayBuffer, octets.byteOffset, octets.byteLength)

/** SHA-256 in one go. */
export function hash(
  _algorithm: 'sha256',
  data: Uint8Array,
  encoding: 'hex' | 'binary' | 'buffer',
): Buffer | string {
  const digest = view(sha256(data))
  return encoding === 'buffer' ? digest : digest.toString(encoding)
}

export function createHmac(_algorithm: 'sha256', key: Uint8Array) {
  const state = hmac.create(sha256, key)
  const chain = {
    update: (data: Uint8Array | string) => {
      state.update(octetsOf(data))
      return chain
    },
    digest: () => view(state.digest()),
  }
  return chain
}

/** AES-256-GCM. All of the text goes into one `update`. */
export function createCipheriv(_algorithm: 'aes-256-gcm', key: Uint8Array, iv: Uint8Array) {
  // The vector may lie in memory that is used again.
  const cipher = gcm(key, Uint8Array.from(iv))
  let sealed = new Uint8Array(TAG_LENGTH)
  return {
    update: (plain: Uint8Array) => {
      sealed = new Uint8Array(cipher.encrypt(plain))
      return view(sealed.subarray(0, sealed.length - TAG_LENGTH))
    },
    final: () => view(new Uint8Array()),
    getAuthTag: () => view(sealed.subarray(sealed.length - TAG_LENGTH)),
  }
}

/** AES-256-GCM. All of the text goes into one `update`; `final` throws unless it is authentic. */
export function createDecipheriv(_algorithm: 'aes-256-gcm', key: Uint8Array, iv: Uint8Array) {
  const cipher = gcm(key, Uint8Array.from(iv))
  let tag = new Uint8Array(TAG_LENGTH)
  let failure: unknown
  return {
    setAuthTag: (given: Uint8Array) => {
      tag = Uint8Array.from(given)
    },
    update: (sealed: Uint8Array) => {
      try {
        return view(cipher.decrypt(Buffer.concat([sealed, tag])))
      } catch (error) {
        failure = error
        return view(new Uint8Array())
      }
    },
    final: () => {
      if (failure !== undefined) throw failure
      return view(new Uint8Array())
    },
  }
}

export const randomFillSync = <Octets extends Uint8Array>(octets: Octets): Octets =>
  crypto.getRandomValues(octets as Octets & Uint8Array<ArrayBuffer>)

export function timingSafeEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) throw new RangeError('lengths differ')
  let difference = 0
  for (let i = 0; i < one.length; i++) difference |= (one[i] as number) ^ (other[i] as number)
  return difference === 0
}
