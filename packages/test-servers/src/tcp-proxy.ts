import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Where the next cut falls: behind so many bytes, counted from the command on, on whichever connection they pass. */
export type CutPoint =
  /** Of what clients send: 0 keeps a request from reaching the server at all. */
  | { readonly toServer: number }
  /** Of what the server answers: 0 lets a request through, and keeps its answer from the client. */
  | { readonly toClient: number }

/** Stands between clients and a server, and is a bad network on command. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** The server's URL, through the proxy. */
  readonly url: string
  /** Cuts all connections now. */
  readonly cut: () => void
  /** Cuts one connection, once, at the point. Resolves when it has happened. */
  readonly cutAt: (point: CutPoint) => Promise<void>
  /** From now on cuts new connections at once, or takes them again. Those that are open stay. */
  readonly refuse: (isRefusing: boolean) => void
  /** Passes new connections on to the server that this URL names, in place of the former one. */
  readonly aim: (target: string) => void
  readonly stop: () => Promise<void>
}

interface Cut {
  readonly direction: 'toServer' | 'toClient'
  bytesLeft: number
  readonly done: () => void
}

/** Starts a proxy in front of the server that the URL names. */
export async function tcpProxy(target: string): Promise<TcpProxy> {
  let { hostname, port: targetPort } = new URL(target)
  const pairs = new Set<() => void>()
  const cuts: Cut[] = []
  let isRefusing = false

  const cut = () => {
    for (const destroy of pairs) destroy()
  }

  /** Passes bytes on until the next cut, which takes effect when the bytes before it are on their way. */
  const pass = (direction: Cut['direction'], from: Socket, to: Socket, destroy: () => void) =>
    from.on('data', bytes => {
      const next = cuts[0]
      if (next?.direction !== direction) return void to.write(bytes)
      if (next.bytesLeft > bytes.length) {
        next.bytesLeft -= bytes.length
        return void to.write(bytes)
      }
      cuts.shift()
      from.pause()
      const end = () => {
        destroy()
        next.done()
      }
      if (next.bytesLeft === 0) return end()
      to.write(bytes.subarray(0, next.bytesLeft), end)
    })

  const server = createServer({ noDelay: true }, client => {
    client.on('error', () => {})
    if (isRefusing) return void client.destroy()
    const upstream = connect({ host: hostname, port: Number(targetPort), noDelay: true })
    upstream.on('error', () => {})
    const destroy = () => {
      pairs.delete(destroy)
      client.destroy()
      upstream.destroy()
    }
    pairs.add(destroy)
    client.on('close', destroy)
    upstream.on('close', destroy)
    pass('toServer', client, upstream, destroy)
    pass('toClient', upstream, client, destroy)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const through = new URL(target)
  through.hostname = '127.0.0.1'
  through.port = String(port)

  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    cut()
    await closed
  }
  return {
    port,
    url: through.href,
    cut,
    cutAt: point =>
      new Promise(resolve => {
        const [direction, bytesLeft] =
          'toServer' in point
            ? (['toServer', point.toServer] as const)
            : (['toClient', point.toClient] as const)
        cuts.push({ direction, bytesLeft, done: resolve })
      }),
    refuse: on => {
      isRefusing = on
    },
    aim: at => {
      ;({ hostname, port: targetPort } = new URL(at))
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
