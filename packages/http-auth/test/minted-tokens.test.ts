import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accountId } from '@ilp/service-core'
import { decodeJwt, decodeProtectedHeader, exportJWK } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type JwtKey,
  type JwtSigningKey,
  jsonWebTokens,
  type MintedJwt,
  type MintedTokensOptions,
  mintedTokens,
} from '../src/index.js'
import { startServer } from './helpers.js'

const ALICE = accountId('alice')
const BOB = accountId('bob')
const secret = 's'.repeat(32)
const ed25519 = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const privatePem = (key: KeyObject) => String(key.export({ format: 'pem', type: 'pkcs8' }))
const HS256 = { algorithm: 'HS256', secret } as const

/** What the store has: for each link of each account, its name. */
const credentials = { outgoingToken: (account: string, link: string) => `${account} over ${link}` }
const forBob = (key: JwtSigningKey, more: Partial<MintedJwt> = {}): MintedJwt => ({
  account: BOB,
  subject: 'us',
  key,
  ...more,
})

async function start(minted: readonly MintedJwt[], options: Partial<MintedTokensOptions> = {}) {
  const tokens = mintedTokens(minted, { credentials }, options)
  onTestFinished(() => tokens.stop())
  await tokens.start()
  return { ...tokens, forBob: () => tokens.outgoingToken(BOB, 'http') ?? '' }
}

/** The URL of a key set with this one key. */
async function keySet(key: KeyObject, keyId: string): Promise<string> {
  const jwk = { ...(await exportJWK(key)), kid: keyId, alg: 'RS256' }
  const server = createServer((_, response) => void response.end(JSON.stringify({ keys: [jwk] })))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe('a minted token', () => {
  const pairs: readonly [JwtSigningKey, () => Promise<JwtKey>][] = [
    [HS256, async () => HS256],
    [
      { algorithm: 'RS256', privateKey: privatePem(rsa.privateKey) },
      async () => ({ algorithm: 'RS256', jwksUrl: await keySet(rsa.publicKey, 'first') }),
    ],
    [
      { algorithm: 'EdDSA', privateKey: privatePem(ed25519.privateKey) },
      async () => ({
        algorithm: 'EdDSA',
        publicKey: String(ed25519.publicKey.export({ format: 'pem', type: 'spki' })),
      }),
    ],
  ]
  test.each(pairs)('of $algorithm is good where the other half of its key is known', async (key, other) => {
    const tokens = await start([
      forBob(key, { issuer: 'https://us.example', audience: 'bob', keyId: 'first' }),
    ])
    const trusted = { account: ALICE, subject: 'us', issuer: 'https://us.example', audience: 'bob' }
    const server = await startServer(jsonWebTokens([{ ...trusted, key: await other() }]))
    expect(await server.whoIs(`Bearer ${tokens.forBob()}`)).toBe('alice')
  })

  test('says no more than it is told to, and is good for five minutes', async () => {
    const { forBob: token } = await start([forBob(HS256)])
    expect(decodeProtectedHeader(token())).toEqual({ alg: 'HS256' })
    const { iat = 0, exp = 0, ...claims } = decodeJwt(token())
    expect(claims).toEqual({ sub: 'us' })
    expect(exp - iat).toBeGreaterThanOrEqual(299)
    expect(exp - iat).toBeLessThanOrEqual(301)
  })

  test('is presented until the next one takes its place, before it ends', async () => {
    const tokens = await start([forBob(HS256)], { lifetimeMs: 60_000, marginMs: 58_000 })
    const first = tokens.forBob()
    expect(tokens.forBob()).toBe(first)
    await expect.poll(tokens.forBob, { interval: 10, timeout: 40_000 }).not.toBe(first)
    expect(decodeJwt(tokens.forBob()).exp).toBeGreaterThan(decodeJwt(first).exp as number)
    expect(Date.now()).toBeLessThan((decodeJwt(first).exp as number) * 1_000)
  })

  test('is there from the start to the stop', async () => {
    const tokens = mintedTokens([forBob(HS256)], { credentials })
    expect(tokens.outgoingToken(BOB, 'http')).toBe('bob over http')
    await tokens.start()
    expect(tokens.outgoingToken(BOB, 'http')).not.toBe('bob over http')
    await tokens.stop()
    expect(tokens.outgoingToken(BOB, 'http')).toBe('bob over http')
  })
})

test('other links, and other accounts, present what the store has', async () => {
  const { outgoingToken } = await start([forBob(HS256)])
  expect(outgoingToken(BOB, 'btp')).toBe('bob over btp')
  expect(outgoingToken(ALICE, 'http')).toBe('alice over http')
})

describe('refused are', () => {
  const ed448 = privatePem(generateKeyPairSync('ed448').privateKey)
  const weak = privatePem(generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey)
  test.each<[string, JwtSigningKey, typeof Error]>([
    ['a secret of 31 octets', { algorithm: 'HS256', secret: 's'.repeat(31) }, RangeError],
    ['an RSA key of 1024 bits', { algorithm: 'RS256', privateKey: weak }, RangeError],
    ['a key of Ed448', { algorithm: 'EdDSA', privateKey: ed448 }, TypeError],
    [
      'an Ed25519 key for RS256',
      { algorithm: 'RS256', privateKey: privatePem(ed25519.privateKey) },
      TypeError,
    ],
    ['what is no key', { algorithm: 'EdDSA', privateKey: 'hello' }, Error],
  ])('%s', (_, key, error) => {
    expect(() => mintedTokens([forBob(key)], { credentials })).toThrow(error)
  })

  test.each([{ lifetimeMs: 0 }, { marginMs: 1.5 }, { lifetimeMs: 1_000, marginMs: 1_000 }])(
    'the options %j',
    options => {
      expect(() => mintedTokens([], { credentials }, options)).toThrow(RangeError)
    },
  )
})
