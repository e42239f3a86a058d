import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAcceptor, dial } from '@ilp/btp-websocket'

const accept = createAcceptor()

/** A server that sends every message back, and a client that sends one. */
export async function echo(text: string): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  server.on('upgrade', (request, socket, head) =>
    accept(request, socket, head, port =>
      port.listen({ message: bytes => port.send(bytes), closed: () => {} }),
    ),
  )
  await once(server, 'listening')

  const { port } = server.address() as AddressInfo
  const client = await dial(new URL(`ws://127.0.0.1:${port}/`), AbortSignal.timeout(5_000))
  const answer = new Promise<string>(resolve => {
    client.listen({ message: bytes => resolve(bytes.toString()), closed: () => server.close() })
  })
  client.send(Buffer.from(text))
  try {
    return await answer
  } finally {
    client.close('going-away')
  }
}
