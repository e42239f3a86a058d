import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { request } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { testAccount } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'
import { generate } from 'selfsigned'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type ClientCertificate, clientCertificates } from '../src/index.js'
import { startServer } from './helpers.js'

interface Pair {
  readonly cert: string
  readonly key: string
}

const DAY_MS = 86_400_000
const name = (commonName: string) => [
  { name: 'organizationName', value: 'Bob Inc.' },
  { name: 'commonName', value: commonName },
]

async function certificate(commonName: string, options: Parameters<typeof generate>[1] = {}): Promise<Pair> {
  const { cert, private: key } = await generate(name(commonName), {
    keyType: 'ec',
    algorithm: 'sha256',
    ...options,
  })
  return { cert, key }
}

let server: Pair
let authority: Pair
/** Signed itself. */
let bob: Pair
/** Has the authority's signature. */
let vouched: Pair
let expired: Pair
let early: Pair

beforeAll(async () => {
  server = await certificate('localhost', {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  authority = await certificate('Authority', {
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  })
  bob = await certificate('bob.example')
  vouched = await certificate('bob.example', { ca: authority })
  const [now, day] = [Date.now(), DAY_MS]
  expired = await certificate('old', {
    notBeforeDate: new Date(now - 2 * day),
    notAfterDate: new Date(now - day),
  })
  early = await certificate('new', {
    notBeforeDate: new Date(now + day),
    notAfterDate: new Date(now + 2 * day),
  })
})

const fingerprintOf = ({ cert }: Pair) => new X509Certificate(cert).fingerprint256
const SUBJECT = 'O=Bob Inc., CN=bob.example'

/** A listener that asks for certificates; bob is known by these. */
async function start(certificates: readonly ClientCertificate[], ca?: string) {
  const store = createMemoryStore({ secrets: createSecrets(new Uint8Array(32)) })
  await store.start()
  const { accounts } = store
  const put = (username: string, incomingCertificates: readonly ClientCertificate[]) =>
    accounts.put(testAccount(username, { http: { incomingCertificates } }))
  await put('alice', [])
  await put('bob', certificates)
  const { url } = await startServer(clientCertificates({ accounts }), {
    ...server,
    clientCertificates: ca === undefined ? {} : { ca },
  })
  onTestFinished(store.stop)
  const port = Number(new URL(url).port)
  const options = { port, host: '127.0.0.1', ca: server.cert }
  const whoIs = async (pair?: Pair): Promise<string> => {
    const sent = request({ ...options, ...pair, agent: false }).end()
    const [response] = await once(sent, 'response')
    return (await response.toArray()).join('')
  }
  const whoIsOverHttp2 = async (pair?: Pair): Promise<string[]> => {
    const session = connectHttp2(url, { ...options, ...pair })
    const answers = [1, 2].map(async () => (await session.request({ ':path': '/' }).toArray()).join(''))
    const all = await Promise.all(answers)
    session.close()
    return all
  }
  return { put, remove: accounts.remove, whoIs, whoIsOverHttp2, options }
}

describe('a certificate that an account has the fingerprint of', () => {
  test('is the account’s, whoever signed it, over HTTP/1.1 and HTTP/2', async () => {
    for (const pair of [bob, vouched]) {
      const { whoIs, whoIsOverHttp2 } = await start([{ fingerprint: fingerprintOf(pair) }])
      expect(await whoIs(pair)).toBe('bob')
      expect(await whoIsOverHttp2(pair)).toEqual(['bob', 'bob'])
    }
  })

  test('may be written in either case, without colons', async () => {
    const fingerprint = fingerprintOf(bob).replaceAll(':', '').toLowerCase()
    const { whoIs } = await start([{ fingerprint: fingerprintOf(vouched) }, { fingerprint }])
    expect(await whoIs(bob)).toBe('bob')
    expect(await whoIs(vouched)).toBe('bob')
  })

  test('is nobody’s before and behind its time', async () => {
    const { whoIs } = await start([expired, early].map(pair => ({ fingerprint: fingerprintOf(pair) })))
    expect(await whoIs(expired)).toBe('nobody')
    expect(await whoIs(early)).toBe('nobody')
  })
})

describe('a certificate that an account has the subject of', () => {
  test('is the account’s when an authority of the listener vouches for it', async () => {
    const { whoIs, whoIsOverHttp2 } = await start([{ subject: SUBJECT }], authority.cert)
    expect(await whoIs(vouched)).toBe('bob')
    expect(await whoIsOverHttp2(vouched)).toEqual(['bob', 'bob'])
  })

  test('is nobody’s when it signed itself, or no authority is known', async () => {
    const known = await start([{ subject: SUBJECT }], authority.cert)
    expect(await known.whoIs(bob)).toBe('nobody')
    expect(await known.whoIsOverHttp2(bob)).toEqual(['nobody', 'nobody'])
    const none = await start([{ subject: SUBJECT }])
    expect(await none.whoIs(vouched)).toBe('nobody')
  })

  test('is nobody’s when only a part of the subject is the same', async () => {
    const { whoIs } = await start([{ subject: 'CN=bob.example' }, { subject: 'O=Bob Inc.' }], authority.cert)
    expect(await whoIs(vouched)).toBe('nobody')
  })
})

test('no certificate, and one that nobody has, are nobody’s', async () => {
  const { whoIs, whoIsOverHttp2 } = await start([{ fingerprint: fingerprintOf(bob) }], authority.cert)
  expect(await whoIs()).toBe('nobody')
  expect(await whoIs(vouched)).toBe('nobody')
  expect(await whoIsOverHttp2()).toEqual(['nobody', 'nobody'])
})

test('one that two accounts have is nobody’s, until one of them has it no more', async () => {
  const certificates = [{ fingerprint: fingerprintOf(bob) }]
  const { put, remove, whoIs } = await start(certificates)
  await put('alice', certificates)
  expect(await whoIs(bob)).toBe('nobody')
  await put('bob', [])
  expect(await whoIs(bob)).toBe('alice')
  await remove(testAccount('alice').id)
  expect(await whoIs(bob)).toBe('nobody')
})

test('an open connection is judged again when accounts have changed', async () => {
  const { put, whoIsOverHttp2, options } = await start([{ fingerprint: fingerprintOf(bob) }])
  expect(await whoIsOverHttp2(bob)).toEqual(['bob', 'bob'])
  const session = connectHttp2(`https://127.0.0.1:${options.port}`, { ...options, ...bob })
  const who = async () => (await session.request({ ':path': '/' }).toArray()).join('')
  expect(await who()).toBe('bob')
  await put('bob', [])
  expect(await who()).toBe('nobody')
  await put('bob', [{ fingerprint: fingerprintOf(bob) }])
  expect(await who()).toBe('bob')
  session.close()
})

test('a TLS session that is resumed keeps its certificate, and does not get another’s', async () => {
  const { options } = await start([{ fingerprint: fingerprintOf(bob) }, { subject: SUBJECT }], authority.cert)
  for (const [pair, who] of [
    [bob, 'bob'],
    [vouched, 'bob'],
    [undefined, 'nobody'],
  ] as const) {
    const first = connect({ ...options, ...pair })
    const ticket = once(first, 'session')
    expect(await whoIsOn(first)).toEqual({ who, isResumed: false })
    const [session] = await ticket
    // Without a certificate in the handshake: it comes with the session.
    const again = connect({ ...options, session })
    expect(await whoIsOn(again)).toEqual({ who, isResumed: true })
  }
})

async function whoIsOn(socket: TLSSocket): Promise<{ who: string | undefined; isResumed: boolean }> {
  await once(socket, 'secureConnect')
  const isResumed = socket.isSessionReused()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const who = /\b(bob|nobody)\b/.exec((await socket.toArray()).join(''))?.[0]
  return { who, isResumed }
}
