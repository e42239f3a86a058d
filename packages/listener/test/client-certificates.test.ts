import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { Tls } from '../src/index.js'
import { local, portOf, selfSigned } from './helpers.js'

/** Says what the listener knows of the client's certificate. */
async function start(tls: Tls) {
  const listener = local({}, tls)
  onTestFinished(listener.stop)
  listener.handle('GET', '/', ({ socket }, response) => {
    const { authorized, getPeerX509Certificate } = socket as TLSSocket
    const fingerprint = getPeerX509Certificate.call(socket)?.fingerprint256 ?? 'none'
    response.end(`${fingerprint} ${authorized}`)
  })
  await listener.start()
  return async (client: object = {}): Promise<string> => {
    const sent = request({
      host: '127.0.0.1',
      port: portOf(listener),
      ca: String(tls.cert),
      agent: false,
      ...client,
    })
    const [response] = (await once(sent.end(), 'response')) as [IncomingMessage]
    return text(response)
  }
}

test('clients are asked for certificates where that is wanted, and served whatever they have', async () => {
  const [ours, bob] = [await selfSigned(), await selfSigned()]
  const asked = await start({ ...ours, clientCertificates: { ca: bob.cert } })
  expect(await asked(bob)).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2} true$/)
  expect(await asked(await selfSigned())).toMatch(/^[0-9A-F:]{95} false$/)
  expect(await asked()).toBe('none false')
  const withoutAuthority = await start({ ...ours, clientCertificates: {} })
  expect(await withoutAuthority(bob)).toMatch(/^[0-9A-F:]{95} false$/)
  const notAsked = await start(ours)
  expect(await notAsked(bob)).toBe('none false')
})
