import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accountId } from '@ilp/service-core'
import { recordingLogger } from '@ilp/service-testing'
import { exportJWK } from 'jose'
import { Client } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  JSON_WEB_TOKENS_DEFAULTS,
  type JsonWebTokensOptions,
  type JwtKey,
  jsonWebTokens,
  type TrustedJwt,
} from '../src/index.js'
import { type Signed, sign, startServer } from './helpers.js'

const ALICE = accountId('alice')
const SECRET = Buffer.alloc(32, 7)
const ed25519 = generateKeyPairSync('ed25519')
const rsa = [
  generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  generateKeyPairSync('rsa', { modulusLength: 2_048 }),
]
const pem = (key: KeyObject) => String(key.export({ format: 'pem', type: 'spki' }))

const HS256: JwtKey = { algorithm: 'HS256', secret: SECRET }
const EDDSA: JwtKey = { algorithm: 'EdDSA', publicKey: pem(ed25519.publicKey) }
const trust = (key: JwtKey, fields: Partial<TrustedJwt> = {}): TrustedJwt => ({
  account: ALICE,
  subject: 'alice',
  key,
  ...fields,
})

async function startWith(trusted: readonly TrustedJwt[], options: Partial<JsonWebTokensOptions> = {}) {
  const logger = recordingLogger()
  const server = await startServer(jsonWebTokens(trusted, { logger }, options))
  const whoSigned = async (signed: Signed) => server.whoIs(`Bearer ${await sign(signed)}`)
  return { ...server, whoSigned, logger }
}

/** A key set at a URL. */
async function startKeySet(...keys: readonly KeyObject[]) {
  const jwks = await Promise.all(
    keys.map(async (key, i) => ({ ...(await exportJWK(key)), kid: String(i), alg: 'RS256' })),
  )
  const state = { jwks, requests: 0, respond: undefined as ((response: ServerResponse) => void) | undefined }
  const server = createServer((_request, response) => {
    state.requests += 1
    if (state.respond) state.respond(response)
    else response.end(JSON.stringify({ keys: state.jwks }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  return Object.assign(state, { key: { algorithm: 'RS256', jwksUrl } satisfies JwtKey })
}

const byAlice = { claims: { sub: 'alice' } }
const byRsa = (i: number, keyId = String(i)) => ({
  algorithm: 'RS256',
  key: rsa[i]?.privateKey as KeyObject,
  keyId,
  ...byAlice,
})

describe('a token', () => {
  test('is good when it is signed with the account’s key', async () => {
    const shared = await startWith([trust(HS256)])
    expect(await shared.whoSigned({ algorithm: 'HS256', key: SECRET, ...byAlice })).toBe('alice')
    const signed = await startWith([trust(EDDSA)])
    for (const algorithm of ['EdDSA', 'Ed25519'])
      expect(await signed.whoSigned({ algorithm, key: ed25519.privateKey, ...byAlice })).toBe('alice')
    const { key } = await startKeySet(rsa[0]?.publicKey as KeyObject)
    const fetched = await startWith([trust(key)])
    expect(await fetched.whoSigned(byRsa(0))).toBe('alice')
  })

  test('is nobody’s with another signature', async () => {
    const { whoIs, whoSigned } = await startWith([trust(HS256)])
    expect(await whoSigned({ algorithm: 'HS256', key: Buffer.alloc(32, 8), ...byAlice })).toBe('nobody')
    const good = await sign({ algorithm: 'HS256', key: SECRET, ...byAlice })
    const [header, , signature] = good.split('.')
    const other = Buffer.from(JSON.stringify({ sub: 'alice', exp: 9_999_999_999 })).toString('base64url')
    expect(await whoIs(`Bearer ${header}.${other}.${signature}`)).toBe('nobody')
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    const payload = good.split('.')[1]
    for (const forged of [`${none}.${payload}.`, `${none}.${payload}.${signature}`, `${header}.${payload}.`])
      expect(await whoIs(`Bearer ${forged}`)).toBe('nobody')
  })

  test('is nobody’s with another algorithm than the account’s', async () => {
    const { whoSigned } = await startWith([trust(EDDSA)])
    // The public key, which everybody may know, as a shared secret.
    for (const key of [Buffer.from(pem(ed25519.publicKey)), SECRET])
      expect(await whoSigned({ algorithm: 'HS256', key, ...byAlice })).toBe('nobody')
    const shared = await startWith([trust(HS256)])
    expect(await shared.whoSigned({ algorithm: 'HS512', key: Buffer.alloc(64, 7), ...byAlice })).toBe(
      'nobody',
    )
    expect(await shared.whoSigned({ algorithm: 'EdDSA', key: ed25519.privateKey, ...byAlice })).toBe('nobody')
  })

  test('has to expire, and soon enough', async () => {
    const { whoSigned } = await startWith([trust(HS256)], {
      lifetimeMaxMs: 600_000,
      clockToleranceMs: 20_000,
    })
    const who = (expires: string | undefined) =>
      whoSigned({ algorithm: 'HS256', key: SECRET, expires, ...byAlice })
    expect(await who('599s')).toBe('alice')
    expect(await who('-5s')).toBe('alice')
    expect(await who(undefined)).toBe('nobody')
    expect(await who('650s')).toBe('nobody')
    expect(await who('100y')).toBe('nobody')
    expect(await who('-21s')).toBe('nobody')
  })

  test('is not good before its time', async () => {
    const { whoSigned } = await startWith([trust(HS256)])
    const now = Math.floor(Date.now() / 1_000)
    const claims = { sub: 'alice', nbf: now + 60 }
    expect(await whoSigned({ algorithm: 'HS256', key: SECRET, claims })).toBe('nobody')
  })

  test('names its account by subject, issuer and audience', async () => {
    const { whoSigned } = await startWith([
      trust(HS256, { issuer: 'https://alice.example', audience: 'https://us.example' }),
      trust(HS256, { account: accountId('bob'), subject: 'bob' }),
      trust(HS256, { account: accountId('carol'), issuer: 'https://carol.example' }),
    ])
    const who = (claims: Record<string, unknown>) => whoSigned({ algorithm: 'HS256', key: SECRET, claims })
    const alice = { sub: 'alice', iss: 'https://alice.example', aud: 'https://us.example' }
    expect(await who(alice)).toBe('alice')
    expect(await who({ ...alice, aud: ['https://them.example', 'https://us.example'] })).toBe('alice')
    expect(await who({ sub: 'bob' })).toBe('bob')
    expect(await who({ sub: 'bob', iss: 'anybody', aud: 'anybody' })).toBe('bob')
    expect(await who({ sub: 'alice', iss: 'https://carol.example' })).toBe('carol')
    for (const wrong of [
      { ...alice, aud: 'https://them.example' },
      { ...alice, aud: undefined },
      { ...alice, iss: 'https://evil.example' },
      { ...alice, iss: undefined },
      { ...alice, sub: 'mallory' },
      { ...alice, sub: undefined },
      { ...alice, sub: ['alice'] },
      { ...alice, sub: 7 },
    ]) {
      expect(await who(wrong)).toBe('nobody')
    }
  })

  test('is known on its connection, until it expires', async () => {
    const { url } = await startWith([trust(HS256)], { clockToleranceMs: 1 })
    const client = new Client(url, { pipelining: 1 })
    onTestFinished(() => client.destroy())
    const who = async (token: string) => {
      const { body } = await client.request({
        method: 'GET',
        path: '/',
        headers: { authorization: `Bearer ${token}` },
      })
      return body.text()
    }
    // By whole seconds: it has up to one less.
    const expires = '3s'
    const token = await sign({ algorithm: 'HS256', key: SECRET, expires, ...byAlice })
    const other = await sign({ algorithm: 'HS256', key: Buffer.alloc(32, 8), expires, ...byAlice })
    for (let i = 0; i < 3; i++) expect(await who(token)).toBe('alice')
    expect(await who(other)).toBe('nobody')
    await expect.poll(() => who(token)).toBe('nobody')
  })
})

test.each([
  undefined,
  'Basic x',
  'Bearer',
  'Bearer x',
  'Bearer a.b.c',
  'Bearer eyJ.e30.x',
  'Bearer eyJhIjoxfQ.e30.x',
])('Authorization %j is nobody’s', async authorization => {
  const { whoIs, logger } = await startWith([trust(HS256)])
  expect(await whoIs(authorization)).toBe('nobody')
  expect(logger.entries).toEqual([])
})

describe('a key set', () => {
  const [first, second] = rsa.map(({ publicKey }) => publicKey) as [KeyObject, KeyObject]

  test('is fetched once for many tokens, and for all accounts that have its URL', async () => {
    const set = await startKeySet(first, second)
    const { whoSigned } = await startWith([
      trust(set.key),
      trust(set.key, { account: accountId('bob'), subject: 'bob' }),
    ])
    expect(await Promise.all([whoSigned(byRsa(0)), whoSigned(byRsa(1))])).toEqual(['alice', 'alice'])
    expect(await whoSigned({ ...byRsa(1), claims: { sub: 'bob' } })).toBe('bob')
    expect(set.requests).toBe(1)
  })

  test('is fetched again when a new key signs', async () => {
    const set = await startKeySet(first)
    const { whoSigned } = await startWith([trust(set.key)], { jwksRetryMs: 1 })
    expect(await whoSigned(byRsa(0))).toBe('alice')
    set.jwks = [{ ...(await exportJWK(second)), kid: 'new', alg: 'RS256' }]
    await expect.poll(() => whoSigned(byRsa(1, 'new'))).toBe('alice')
    // The former key is gone with its set.
    expect(await whoSigned(byRsa(0))).toBe('nobody')
  })

  test('is not fetched again at everybody’s pace', async () => {
    const set = await startKeySet(first)
    const { whoSigned } = await startWith([trust(set.key)])
    expect(await whoSigned(byRsa(0))).toBe('alice')
    for (let i = 0; i < 5; i++) expect(await whoSigned(byRsa(1, `unheard of ${i}`))).toBe('nobody')
    expect(set.requests).toBe(1)
  })

  test.each<[string, (response: ServerResponse) => void]>([
    ['is not there', response => void response.writeHead(404).end()],
    ['redirects', response => void response.writeHead(302, { Location: '/elsewhere' }).end()],
    ['is too large', response => void response.end(`{"keys":[]${' '.repeat(2_000)}}`)],
    ['hangs', () => {}],
    ['breaks off', response => void response.destroy()],
  ])(
    'that %s lets nobody in, is not asked for at everybody’s pace, and may come back',
    async (_, respond) => {
      const set = await startKeySet(first)
      set.respond = respond
      const options = { jwksTimeoutMs: 100, jwksBytesMax: 1_000 }
      const { whoSigned, logger } = await startWith([trust(set.key)], options)
      for (let i = 0; i < 3; i++) expect(await whoSigned(byRsa(0))).toBe('nobody')
      expect(set.requests).toBe(1)
      expect(logger.entries).toMatchObject([{ level: 'warn', fields: { url: set.key.jwksUrl } }])

      const patient = await startWith([trust(set.key)], { ...options, jwksRetryMs: 1 })
      expect(await patient.whoSigned(byRsa(0))).toBe('nobody')
      set.respond = undefined
      await expect.poll(() => patient.whoSigned(byRsa(0))).toBe('alice')
    },
  )

  test('that is none lets nobody in', async () => {
    const set = await startKeySet(first)
    for (const body of ['', 'x', '[]', '{"keys":7}', '{"keys":[{"kty":"RSA"}]}']) {
      set.respond = response => void response.end(body)
      const { whoSigned } = await startWith([trust(set.key)])
      expect(await whoSigned(byRsa(0))).toBe('nobody')
    }
  })
})

test('what can’t be right is refused when it is made', () => {
  const weak: JwtKey = { algorithm: 'HS256', secret: Buffer.alloc(31) }
  expect(() => jsonWebTokens([trust(weak)])).toThrow('a secret for HS256 has 32 octets or more')
  const notEd25519: JwtKey = { algorithm: 'EdDSA', publicKey: pem(rsa[0]?.publicKey as KeyObject) }
  expect(() => jsonWebTokens([trust(notEd25519)])).toThrow('a key for EdDSA is an Ed25519 key')
  expect(() => jsonWebTokens([trust({ algorithm: 'EdDSA', publicKey: 'x' })])).toThrow()
  expect(() => jsonWebTokens([trust({ algorithm: 'RS256', jwksUrl: 'x' })])).toThrow('Invalid URL')
  expect(() => jsonWebTokens([trust(HS256), trust(EDDSA)])).toThrow('two accounts')
  for (const name of Object.keys(JSON_WEB_TOKENS_DEFAULTS)) {
    for (const wrong of [0, -1, 1.5, Number.NaN])
      expect(() => jsonWebTokens([], {}, { [name]: wrong })).toThrow(`${name} is ${wrong}`)
  }
  expect(createPublicKey(pem(ed25519.publicKey)).asymmetricKeyType).toBe('ed25519')
})
