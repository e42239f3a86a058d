import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TcpProxy, tcpProxy } from '../src/index.js'

/** What the server got, on all its connections. */
let received = ''
let server: Server
let proxy: TcpProxy
const sockets: Socket[] = []

beforeEach(async () => {
  received = ''
  server = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', bytes => {
      received += bytes
      socket.write(`<${bytes}>`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await tcpProxy(`redis://127.0.0.1:${(server.address() as AddressInfo).port}/3`)
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await proxy.stop()
  server.close()
  await once(server, 'close')
})

function dial(): { socket: Socket; closed: Promise<unknown>; answers: () => string } {
  const socket = connect(proxy.port, '127.0.0.1').on('error', () => {})
  sockets.push(socket)
  let answers = ''
  socket.setEncoding('utf8').on('data', text => {
    answers += text
  })
  return { socket, closed: new Promise(resolve => socket.once('close', resolve)), answers: () => answers }
}

async function ask({ socket }: { readonly socket: Socket }, text: string): Promise<void> {
  const answered = once(socket, 'data')
  socket.write(text)
  await answered
}

describe('a TCP proxy', () => {
  it('has the URL of its server, but for the port, and passes everything on', async () => {
    expect(proxy.url).toBe(`redis://127.0.0.1:${proxy.port}/3`)
    const client = dial()
    await ask(client, 'hello')
    expect([received, client.answers()]).toEqual(['hello', '<hello>'])
  })

  it('leads new connections to another server when it is aimed at one, and keeps those that there are', async () => {
    const client = dial()
    await ask(client, 'hello')
    const other = createServer(socket => socket.end('other')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    proxy.aim(`redis://127.0.0.1:${(other.address() as AddressInfo).port}`)
    const next = dial()
    await next.closed
    await ask(client, 'again')
    other.close()
    expect([next.answers(), client.answers()]).toEqual(['other', '<hello><again>'])
  })

  it('cuts before anything of a request reaches the server', async () => {
    const client = dial()
    await ask(client, 'one')
    const cut = proxy.cutAt({ toServer: 0 })
    client.socket.write('two')
    await cut
    await client.closed
    expect([received, client.answers()]).toEqual(['one', '<one>'])
  })

  it('cuts within a request', async () => {
    const client = dial()
    await ask(client, 'one')
    const got = once(server, 'connection')
    const cut = proxy.cutAt({ toServer: 2 })
    client.socket.write('two')
    await cut
    await client.closed
    await ask(dial(), '!')
    await got
    expect(received).toMatch(/^one(tw)?!$/)
  })

  it('cuts before the answer to a request that the server got', async () => {
    const client = dial()
    const cut = proxy.cutAt({ toClient: 0 })
    client.socket.write('one')
    await cut
    await client.closed
    expect([received, client.answers()]).toEqual(['one', ''])
  })

  it('cuts all connections at once, and takes new ones', async () => {
    const clients = [dial(), dial()]
    for (const client of clients) await ask(client, '.')
    proxy.cut()
    await Promise.all(clients.map(({ closed }) => closed))
    await ask(dial(), 'again')
    expect(received).toBe('..again')
  })

  it('refuses new connections until it is told to take them', async () => {
    const client = dial()
    await ask(client, 'one')
    proxy.refuse(true)
    await dial().closed
    await ask(client, 'two')
    proxy.refuse(false)
    await ask(dial(), 'three')
    expect(received).toBe('onetwothree')
  })
})
