import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createBtpPlugin } from '../src/index.js'

describe('createBtpPlugin', () => {
  it('makes a client and a server that exchange packets', async () => {
    const server = createBtpPlugin({ listener: { token: 'right' } })
    const accepted = server.connect()
    const client = createBtpPlugin({ server: { url: await server.url, token: 'right' } })
    await Promise.all([accepted, client.connect()])
    server.registerDataHandler(async packet => Buffer.concat([packet, Buffer.from('!')]))
    client.registerDataHandler(async packet => Buffer.concat([packet, Buffer.from('?')]))
    expect(String(await client.sendData(Buffer.from('ping')))).toBe('ping!')
    expect(String(await server.sendData(Buffer.from('pong')))).toBe('pong?')
    await client.disconnect()
    await server.disconnect()
  })

  it('can be closed while it waits for its peer to answer the dial', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const plugin = createBtpPlugin({ server: { url: `ws://127.0.0.1:${port}`, token: 'right' } })
    void plugin.connect()
    const [socket] = (await once(silent, 'connection')) as [Socket]
    socket.resume()
    await plugin.disconnect()
    await once(socket, 'close')
    silent.close()
    await once(silent, 'close')
  })
})
