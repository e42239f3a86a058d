import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { accountFromConfig } from '../account.js'
import { checkConfig } from './load.js'

const smallest = { ilpAddress: 'test.alice', secretSeed: 'ab'.repeat(32) }
const tls = { cert: 'cert.pem', key: 'key.pem' }
const FINGERPRINT = `${'AB:'.repeat(31)}AB`
const bobs = (http: object, node: object = {}) => ({ ...smallest, ...node, accounts: [account('bob', http)] })
const account = (username: string, http: object) => ({
  username,
  relation: 'peer',
  asset: { code: 'USD', scale: 9 },
  http,
})
const privatePem = (kind: 'ed25519' | 'rsa', modulusLength = 2_048) =>
  String(
    generateKeyPairSync(kind as 'rsa', { modulusLength }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
  )
const pem = (kind: 'ed25519' | 'ed448') =>
  String(generateKeyPairSync(kind as 'ed25519').publicKey.export({ format: 'pem', type: 'spki' }))

describe('a link over HTTP', () => {
  it('is synchronous, and has no certificates, unless it says so', () => {
    const [bob] = checkConfig(bobs({ outgoing: { url: 'https://bob.example/ilp' } })).accounts
    expect(bob?.http).toEqual({
      incomingTokens: [],
      incomingCertificates: [],
      outgoing: { url: 'https://bob.example/ilp', mode: 'sync' },
    })
  })

  it('becomes part of the account, but for its keys and tokens', () => {
    const config = checkConfig(
      bobs(
        {
          incomingTokens: ['secret'],
          incomingJwt: { algorithm: 'HS256', secret: 's'.repeat(32) },
          incomingCertificates: [{ fingerprint: FINGERPRINT }, { subject: 'CN=bob.example' }],
          callbackUrl: 'https://bob.example/callback',
          outgoing: { url: 'https://bob.example/ilp', token: 'secret', mode: 'async' },
        },
        { callbackUrl: 'https://us.example/ilp/callback', tls: { ...tls, clientCa: 'ca.pem' } },
      ),
    )
    expect(config.accounts.map(accountFromConfig)).toMatchObject([
      {
        http: {
          outgoingUrl: 'https://bob.example/ilp',
          mode: 'async',
          callbackUrl: 'https://bob.example/callback',
          incomingCertificates: [{ fingerprint: FINGERPRINT }, { subject: 'CN=bob.example' }],
        },
      },
    ])
    expect(JSON.stringify(config.accounts.map(accountFromConfig), (_, value) => String(value))).not.toMatch(
      /secret|sss/,
    )
  })

  it.each([
    { algorithm: 'HS256', secret: 's'.repeat(32), subject: 'b', issuer: 'i', audience: 'a' },
    { algorithm: 'RS256', jwksUrl: 'https://bob.example/.well-known/jwks.json' },
    { algorithm: 'EdDSA', publicKey: pem('ed25519') },
  ])('may have tokens that the peer signs with $algorithm', incomingJwt => {
    expect(checkConfig(bobs({ incomingJwt })).accounts[0]?.http?.incomingJwt).toEqual(incomingJwt)
  })

  it.each([
    { algorithm: 'HS256', secret: 's'.repeat(32), subject: 'us', issuer: 'i', audience: 'a', keyId: 'k' },
    { algorithm: 'RS256', privateKey: privatePem('rsa'), subject: 'us' },
    { algorithm: 'EdDSA', privateKey: privatePem('ed25519'), subject: 'us' },
  ])('may present tokens that this node signs with $algorithm, which are not kept with the account', jwt => {
    const { accounts } = checkConfig(bobs({ outgoing: { url: 'https://bob.example/ilp', jwt } }))
    expect(accounts[0]?.http?.outgoing?.jwt).toEqual(jwt)
    expect(accounts.map(accountFromConfig)[0]?.http).toEqual({
      outgoingUrl: 'https://bob.example/ilp',
      mode: 'sync',
      callbackUrl: undefined,
      incomingCertificates: [],
    })
  })

  const outgoing = (mode: string) => ({ outgoing: { url: 'https://bob.example/ilp', mode } })
  const jwt = (fields: object) => ({ incomingJwt: fields })
  const minted = (fields: object, more: object = {}) => ({
    outgoing: { url: 'https://bob.example/ilp', jwt: fields, ...more },
  })
  const http = 'accounts[0].http'
  it.each<[string, unknown, string]>([
    ['a mode that is none', bobs(outgoing('later')), `${http}.outgoing.mode: `],
    [
      'a mode that needs a callback URL',
      bobs(outgoing('async')),
      `${http}.outgoing.mode: expected sync, unless`,
    ],
    [
      'a callback URL of another scheme',
      bobs({ callbackUrl: 'ftp://x' }),
      `${http}.callbackUrl: expected a URL`,
    ],
    ['our callback URL of another scheme', { ...smallest, callbackUrl: 'x' }, 'callbackUrl: expected a URL'],
    [
      'a token besides those that it signs',
      bobs(minted({ algorithm: 'HS256', secret: 's'.repeat(32), subject: 'us' }, { token: 'x' })),
      `${http}.outgoing.token: expected none, since jwt is set`,
    ],
    [
      'tokens of no subject',
      bobs(minted({ algorithm: 'HS256', secret: 's'.repeat(32) })),
      `${http}.outgoing.jwt.subject: `,
    ],
    [
      'a key of Ed25519 to sign RS256 with',
      bobs(minted({ algorithm: 'RS256', privateKey: privatePem('ed25519'), subject: 'us' })),
      `${http}.outgoing.jwt.privateKey: expected an RSA private key of 2048 bits or more in PEM`,
    ],
    [
      'an RSA key of 1024 bits',
      bobs(minted({ algorithm: 'RS256', privateKey: privatePem('rsa', 1_024), subject: 'us' })),
      `${http}.outgoing.jwt.privateKey: expected an RSA private key of 2048 bits or more in PEM`,
    ],
    [
      'a public key to sign with',
      bobs(minted({ algorithm: 'EdDSA', privateKey: pem('ed25519'), subject: 'us' })),
      `${http}.outgoing.jwt.privateKey: expected an Ed25519 private key in PEM`,
    ],
    ['another algorithm', bobs(jwt({ algorithm: 'none' })), `${http}.incomingJwt.algorithm: `],
    [
      'a weak secret',
      bobs(jwt({ algorithm: 'HS256', secret: 's' })),
      `${http}.incomingJwt.secret: expected 32`,
    ],
    [
      'a key of another kind',
      bobs(jwt({ algorithm: 'EdDSA', publicKey: pem('ed448') })),
      `${http}.incomingJwt.publicKey: expected an Ed25519`,
    ],
    [
      'a key that is none',
      bobs(jwt({ algorithm: 'EdDSA', publicKey: 'x' })),
      `${http}.incomingJwt.publicKey: expected`,
    ],
    [
      'a key set that is no URL',
      bobs(jwt({ algorithm: 'RS256', jwksUrl: 'x' })),
      `${http}.incomingJwt.jwksUrl: expected`,
    ],
    [
      'a secret for another algorithm',
      bobs(jwt({ algorithm: 'RS256', jwksUrl: 'https://x', secret: 's'.repeat(32) })),
      `${http}.incomingJwt.secret: unknown setting`,
    ],
    [
      'a fingerprint that is none',
      bobs({ incomingCertificates: [{ fingerprint: 'ab' }] }, { tls }),
      `${http}.incomingCertificates[0]`,
    ],
    [
      'a certificate without TLS',
      bobs({ incomingCertificates: [{ fingerprint: FINGERPRINT }] }),
      `${http}.incomingCertificates[0]: expected none, unless tls is set`,
    ],
    [
      'a subject that nobody vouches for',
      bobs({ incomingCertificates: [{ subject: 'CN=bob' }] }, { tls }),
      `${http}.incomingCertificates[0]: expected a fingerprint, unless tls.clientCa`,
    ],
    [
      'one certificate for two accounts',
      {
        ...smallest,
        tls,
        accounts: [
          account('bob', { incomingCertificates: [{ fingerprint: FINGERPRINT }] }),
          account('eve', { incomingCertificates: [{ fingerprint: 'ab'.repeat(32) }] }),
        ],
      },
      'accounts[1].http.incomingCertificates[0]: accounts[0] has this certificate already',
    ],
    [
      'tokens of one subject for two accounts',
      {
        ...smallest,
        accounts: [
          account('bob', jwt({ algorithm: 'HS256', secret: 's'.repeat(32) })),
          account('eve', jwt({ algorithm: 'HS256', secret: 't'.repeat(32), subject: 'bob' })),
        ],
      },
      'accounts[1].http.incomingJwt: accounts[0] has this subject and issuer already',
    ],
  ])('is refused with %s', (_, settings, message) => {
    expect(() => checkConfig(settings)).toThrow(message)
  })
})
