import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import { get } from 'node:https'
import { text } from 'node:stream/consumers'
import { silentLogger } from '@ilp/service-core'
import { generate } from 'selfsigned'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { checkConfig, createConnector } from '../src/index.js'
import { configFile } from './support/command.js'
import { startConnector } from './support/connector.js'
import { local, settings } from './support/settings.js'

const certificate = async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  return { cert, key }
}
let ours: { cert: string; key: string }
beforeAll(async () => {
  ours = await certificate()
})

const start = (tls: object) =>
  startConnector({ ilpAddress: 'test.node', tls, defaultReceiver: 'alice', accounts: [local('alice')] })

describe('with a certificate', () => {
  it('the listener takes HTTPS, whether the files are named or given', async () => {
    const named = {
      cert: await configFile(ours.cert, 'cert.pem'),
      key: await configFile(ours.key, 'key.pem'),
    }
    for (const tls of [ours, named]) {
      const node = await start(tls)
      expect(node.url).toMatch(/^https:/)
      const request = get(`${node.url}/.well-known/pay`, { ca: ours.cert, agent: false })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      expect(JSON.parse(await text(response))).toMatchObject({
        destination_account: expect.stringMatching(/^test\.node\.alice\./),
      })
    }
  })

  it('clients get HTTP/2 where they ask for it', async () => {
    const node = await start(ours)
    const session = connect(node.url, { ca: ours.cert })
    onTestFinished(() => session.close())
    const stream = session.request({ ':path': '/.well-known/pay' })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(headers[':status']).toBe(200)
    stream.resume()
    await once(stream, 'end')
  })
})

describe('a certificate that can not be used is refused:', () => {
  const refusal = (tls: object) => () =>
    createConnector(checkConfig(settings({ ilpAddress: 'test.node', tls })), { logger: silentLogger })

  it('a file that is not there', () => {
    expect(refusal({ ...ours, key: '/nowhere/key.pem' })).toThrow(
      "tls.key: /nowhere/key.pem can't be read: ENOENT",
    )
  })

  it('the key of another one', async () => {
    const other = await certificate()
    expect(refusal({ ...ours, key: other.key })).toThrow(/^tls: expected a certificate and its key in PEM/)
  })

  it('an authority that is none', async () => {
    const clientCa = await configFile('-----BEGIN nothing', 'ca.pem')
    expect(refusal({ ...ours, clientCa })).toThrow(/^tls.clientCa: expected certificates in PEM/)
    expect(refusal({ ...ours, clientCa: '/nowhere/ca.pem' })).toThrow(
      "tls.clientCa: /nowhere/ca.pem can't be read: ENOENT",
    )
  })

  it('one for links to peers', () => {
    const refused = (outgoingTls: object) => () =>
      createConnector(checkConfig(settings({ ilpAddress: 'test.node', outgoingTls })), {
        logger: silentLogger,
      })
    expect(refused({ ca: '/nowhere/ca.pem' })).toThrow(
      "outgoingTls.ca: /nowhere/ca.pem can't be read: ENOENT",
    )
    expect(refused({ ...ours, key: '-----BEGIN nothing' })).toThrow(
      /^outgoingTls: expected a certificate and its key/,
    )
  })

  it('a file that holds something else', async () => {
    const cert = await configFile('hello', 'cert.pem')
    expect(refusal({ ...ours, cert })).toThrow(/^tls: expected a certificate and its key in PEM/)
  })
})
