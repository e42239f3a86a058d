import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'
import type { Duplex } from 'node:stream'
import type { MessagePort } from '@ilp/btp-pool'
import { createAcceptor, dial, type WebSocketOptions } from '../src/index.js'

/** What a port has told, and when it closed. */
export interface Heard {
  readonly messages: string[]
  readonly closed: Promise<void>
  /** Resolves with the messages once there are so many. */
  readonly until: (count: number) => Promise<string[]>
}

export function hear(port: MessagePort): Heard {
  const messages: string[] = []
  let onMessage = () => {}
  let onClosed = () => {}
  const closed = new Promise<void>(resolve => {
    onClosed = resolve
  })
  port.listen({
    message: bytes => {
      messages.push(bytes.toString())
      onMessage()
    },
    closed: () => onClosed(),
  })
  const until = (count: number) =>
    new Promise<string[]>(resolve => {
      onMessage = () => {
        if (messages.length >= count) resolve(messages)
      }
      onMessage()
    })
  return { messages, closed, until }
}

/** An HTTP server on a free port whose upgrades become ports. */
export async function serve(
  options: Partial<WebSocketOptions> & {
    readonly server?: Server
    readonly wrap?: (socket: Duplex) => Duplex
  } = {},
) {
  const { server = createServer(), wrap = (socket: Duplex) => socket, ...socketOptions } = options
  const accept = createAcceptor(socketOptions)
  const ports: MessagePort[] = []
  const takers: ((port: MessagePort) => void)[] = []
  server.on('upgrade', (request, socket, head) =>
    accept(request, wrap(socket), head, port => {
      const taker = takers.shift()
      if (taker) taker(port)
      else ports.push(port)
    }),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    /** The next port that a client has opened. */
    next: (): Promise<MessagePort> => {
      const port = ports.shift()
      return port ? Promise.resolve(port) : new Promise(resolve => takers.push(resolve))
    },
    stop: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

export const dialNow = (host: string, options: Partial<WebSocketOptions> = {}): Promise<MessagePort> =>
  dial(new URL(`ws://${host}/btp`), new AbortController().signal, options)

/** A TCP proxy that can stop passing anything on, without closing anything: what a pulled cable looks like. */
export async function createProxy(port: number) {
  const sockets: Socket[] = []
  const proxy: TcpServer = createTcpServer(client => {
    const target = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.push(from)
      from.on('error', () => {})
      from.pipe(to)
    }
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    host: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    pull: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
