import { connect, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { createListener, type Listener, type ListenerOptions, type Tls } from '../src/index.js'

/** A certificate for localhost and 127.0.0.1 that signs itself. */
export async function selfSigned(): Promise<{ readonly cert: string; readonly key: string }> {
  const altNames = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ]
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames }],
  })
  return { cert, key }
}

/** A listener on a free port, not yet started. */
export const local = (options: Partial<ListenerOptions> = {}, tls?: Tls): Listener =>
  createListener({ host: '127.0.0.1', port: 0, ...(tls && { tls }) }, options)

export const portOf = (listener: Listener): number => Number(new URL(listener.url()).port)

/** All that the other end sends until it closes. */
export async function readAll(socket: Socket | TLSSocket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  await new Promise<void>(resolve => {
    socket.once('error', () => resolve())
    socket.once('close', () => resolve())
  })
  return Buffer.concat(chunks).toString('latin1')
}

/** A bare connection to the listener, with something written to it. */
export function dial(listener: Listener, text: string): Socket {
  const socket = connect(portOf(listener), '127.0.0.1')
  socket.write(text)
  return socket
}

/** Sends bytes as they are and returns all that comes back. */
export const exchange = (listener: Listener, text: string): Promise<string> => readAll(dial(listener, text))
