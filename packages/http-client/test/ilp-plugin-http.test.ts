import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import PluginHttp from 'ilp-plugin-http'
import { expect, onTestFinished, test } from 'vitest'
import { startClient } from './helpers.js'

/** npm's plugin as a peer that takes packets with the token `token-for-bob`. */
async function startPlugin(handler: (data: Buffer) => Promise<Buffer>) {
  const plugin = new PluginHttp({
    incoming: { port: 0, staticToken: 'token-for-bob' },
    outgoing: { url: 'http://127.0.0.1:1', staticToken: 'unused' },
  })
  plugin.registerDataHandler(handler)
  await plugin.connect()
  onTestFinished(() => plugin.disconnect())
  // It doesn't say which port it got, and writes its handler's errors to the console unless its app is silent.
  const { _httpServer: server, _app: app } = plugin as unknown as {
    _httpServer: Server
    _app: { silent: boolean }
  }
  app.silent = true
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('npm’s ilp-plugin-http takes packets, and its answers get through', async () => {
  const fulfill = testFulfill({ data: Buffer.from('thanks') })
  const reject = testReject({ code: 'F99' })
  const received: Buffer[] = []
  const url = await startPlugin(async data => {
    received.push(data)
    return received.length === 1 ? fulfill.toBuffer() : reject.toBuffer()
  })
  const { send } = await startClient()
  const prepare = testPrepare({ data: Buffer.from('hello') })
  expect((await send(url, prepare)).toBuffer()).toEqual(fulfill.toBuffer())
  expect((await send(url, prepare)).toBuffer()).toEqual(reject.toBuffer())
  expect(received).toEqual([prepare.toBuffer(), prepare.toBuffer()])
})

test('what npm’s ilp-plugin-http refuses becomes a reject', async () => {
  const url = await startPlugin(() => Promise.reject(new Error('secret')))
  const { send, tokens } = await startClient()
  expect(await send(url)).toMatchObject({ code: 'T00', message: expect.not.stringContaining('secret') })
  tokens.set('bob', 'wrong')
  expect(await send(url)).toMatchObject({ code: 'T01' })
})
