import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testFulfill, testPrepare } from '@ilp/service-testing'
import { freePorts } from '@ilp/test-peers'
import { SignJWT } from 'jose'
import { generate } from 'selfsigned'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startConnector } from './support/connector.js'
import { tokenOf } from './support/face.js'
import { outcome, post } from './support/packets.js'
import { account, type Settings } from './support/settings.js'

const peer = (username: string, http: Settings): Settings =>
  account(username, { relation: 'peer', http, btp: undefined, ilpAddress: `test.${username}` })

interface Nodes {
  readonly mode: string
  /** What bob's node has besides, and what alice's. */
  readonly bob?: Settings
  readonly alice?: Settings
  /** What the account of one node has at the other one. */
  readonly link: (of: Name, at: Name) => { incoming: Settings; outgoing: Settings }
}

type Name = 'alice' | 'bob'

/** A shop that fulfills all that is posted to it. */
async function startShop(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    response.end(testFulfill().toBuffer())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Two connectors that reach each other over HTTP alone: alice's child pays bob's. */
async function payAcross({ mode, link, ...nodes }: Nodes) {
  const [alicePort = 0, bobPort = 0] = await freePorts(2)
  const urls = {
    alice: `http://127.0.0.1:${alicePort}`,
    bob: `${nodes.bob ? 'https' : 'http'}://127.0.0.1:${bobPort}`,
  }
  const accountOf = (name: Name, at: Name) => {
    const { incoming, outgoing } = link(name, at)
    return peer(name, {
      ...incoming,
      callbackUrl: `${urls[name]}/ilp/callback`,
      outgoing: { url: `${urls[name]}/ilp`, mode, ...outgoing },
    })
  }
  const start = (name: Name, other: Name, child: Settings) =>
    startConnector({
      ilpAddress: `test.${name}`,
      listen: urls[name].replace(/^https?:\/\//, ''),
      callbackUrl: `${urls[name]}/ilp/callback`,
      ...nodes[name],
      accounts: [child, accountOf(other, name)],
      routes: [{ prefix: `test.${other}`, account: other }],
    })
  const alice = await start('alice', 'bob', account('payer'))
  const bob = await start('bob', 'alice', account('shop', { http: { outgoing: { url: await startShop() } } }))
  const prepare = testPrepare({ destination: 'test.bob.shop', units: 100n })
  expect(outcome(await post(alice.ilpUrl(), tokenOf('payer'), prepare))).toBe('fulfilled')
  expect(await alice.balances('payer', 'bob')).toEqual({ payer: -100n, bob: 100n })
  expect(await bob.balances('alice', 'shop')).toEqual({ alice: -100n, shop: 100n })
  return urls
}

const byToken: Nodes['link'] = (of, at) => ({
  incoming: { incomingTokens: [`from-${of}-to-${at}`] },
  outgoing: { token: `from-${at}-to-${of}` },
})

describe('two connectors over HTTP', () => {
  it.each(['sync', 'respond-async', 'async'])('settle a packet in the mode %s', async mode => {
    await payAcross({ mode, link: byToken })
  })

  it('know each other by the tokens that they sign', async () => {
    const keys = { alice: generateKeyPairSync('ed25519'), bob: generateKeyPairSync('ed25519') }
    const signed = async (name: Name, audience: string) =>
      new SignJWT({ sub: name, iss: `https://${name}.example`, aud: audience })
        .setProtectedHeader({ alg: 'EdDSA' })
        .setExpirationTime('1h')
        .sign(keys[name].privateKey)
    const tokens = { alice: await signed('alice', 'bob'), bob: await signed('bob', 'alice') }
    const urls = await payAcross({
      mode: 'async',
      link: (of, at) => ({
        incoming: {
          incomingJwt: {
            algorithm: 'EdDSA',
            publicKey: String(keys[of].publicKey.export({ format: 'pem', type: 'spki' })),
            issuer: `https://${of}.example`,
            audience: at,
          },
        },
        outgoing: { token: tokens[at] },
      }),
    })
    const refused = await fetch(`${urls.bob}/ilp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.bob}`, 'content-type': 'application/octet-stream' },
    })
    expect(refused.status).toBe(401)
  })

  it.each(['sync', 'async'])('mint the tokens of their requests themselves, in the mode %s', async mode => {
    const secret = 'a secret that alice and bob have both'
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const signing: Record<Name, Settings> = {
      alice: { algorithm: 'HS256', secret },
      bob: { algorithm: 'EdDSA', privateKey: String(privateKey.export({ format: 'pem', type: 'pkcs8' })) },
    }
    const verifying: Record<Name, Settings> = {
      alice: { algorithm: 'HS256', secret },
      bob: { algorithm: 'EdDSA', publicKey: String(publicKey.export({ format: 'pem', type: 'spki' })) },
    }
    await payAcross({
      mode,
      link: (of, at) => ({
        incoming: { incomingJwt: { ...verifying[of], issuer: `https://${of}.example`, audience: at } },
        outgoing: { jwt: { ...signing[at], subject: at, issuer: `https://${at}.example`, audience: of } },
      }),
    })
  })

  it('know a peer by its certificate', async () => {
    const certificate = async (name: string) => {
      const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
        keyType: 'ec',
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
      })
      return { cert, key }
    }
    const pairs = { alice: await certificate('alice'), bob: await certificate('bob') }
    const fingerprint = new X509Certificate(pairs.alice.cert).fingerprint256
    await payAcross({
      mode: 'async',
      alice: { outgoingTls: { ...pairs.alice, ca: pairs.bob.cert } },
      bob: { tls: pairs.bob },
      link: of =>
        of === 'alice'
          ? { incoming: { incomingCertificates: [{ fingerprint }] }, outgoing: { token: 'bobs-token' } }
          : { incoming: { incomingTokens: ['bobs-token'] }, outgoing: {} },
    })
  })
})
