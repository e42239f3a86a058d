import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { encodeFrame, encodeIlp, encodeRefusal, FrameType } from '@ilp/btp-packet'
import { testFulfill } from '@ilp/service-testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../peers/eventually.js'
import { mutant, oneOf, seeded } from './random.js'
import { serverFrame } from './raw-socket.js'
import { child, payment, type Scene, startScene } from './scene.js'

/** As many accounts dial the same server: each waits longer from one attempt to the next. */
const DIALLERS = 100
const ATTEMPTS = 300

let scene: Scene
let attempts = 0
const server = createServer({ noDelay: true })
const sockets = new Set<Socket>()

/** What a server may answer to a request for a WebSocket, once it has taken it, and to an authentication. */
const accepted = (key: string): string =>
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')}\r\n\r\n`

const REFUSALS = [
  'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
].map(text => Buffer.from(text))

beforeAll(async () => {
  const random = seeded(1)
  const frames = [
    encodeFrame({ type: FrameType.RESPONSE, requestId: 0, protocolData: [] }),
    encodeRefusal(0, 'F00', 'no'),
    encodeIlp(FrameType.MESSAGE, 1, payment('sink')),
    encodeIlp(FrameType.RESPONSE, 1, testFulfill()),
  ]
  server.on('connection', socket => {
    attempts += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    socket.once('data', request => {
      const [, key = ''] = /sec-websocket-key: *(\S+)/i.exec(request.toString('latin1')) ?? []
      const head = Buffer.from(accepted(key))
      const welcome = Buffer.concat([head, ...frames.slice(0, 1).map(serverFrame)])
      if (random() < 0.2) socket.end(mutant(random, [welcome, ...REFUSALS]))
      else if (random() < 0.1) socket.end(oneOf(random, REFUSALS))
      else {
        const first = random() < 0.5 ? welcome : head
        const rest = Array.from({ length: 5 }, () => {
          const frame = mutant(random, frames)
          return random() < 0.8 ? serverFrame(frame) : mutant(random, [serverFrame(frame)])
        })
        socket.end(Buffer.concat([first, ...rest]))
      }
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/btp`
  scene = await startScene({
    accounts: Array.from({ length: DIALLERS }, (_, i) =>
      child(`dialler${i}`, { btp: { outgoing: { url, token: 'x' } } }),
    ),
  })
})
afterAll(async () => {
  await scene.stop()
  for (const socket of sockets) socket.destroy()
  server.close()
})

test(`${ATTEMPTS} connections to a server whose answers are hardly any harm nobody`, async () => {
  await eventually(() => expect(attempts).toBeGreaterThan(ATTEMPTS))
  server.removeAllListeners('connection')
  server.close()
  for (const socket of sockets) socket.destroy()
  const { logged, lines } = await scene.vitals()
  expect(logged.error, lines.join('\n')).toBe(0)
  const states = ['link is up', 'link was lost', 'peer refuses the credentials', 'peer is unreachable']
  for (const state of states) expect(lines.join('\n')).toContain(`BTP ${state}`)
  for (let i = 0; i < 20; i++) expect(await scene.good.send(payment('receiver'))).toMatchObject({ type: 13 })
  expect((await scene.books('receiver')).balance).toBe(20n)
  expect(await scene.sum()).toBe(0n)
})
