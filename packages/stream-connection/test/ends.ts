import { silentLogger } from '@ilp/service-core'
import { streamCredentials } from '@ilp/stream-receiver'
import {
  type ClientOptions,
  type Connection,
  type ConnectionOptions,
  createConnection,
  createServer,
  type ServerTerms,
  type Stream,
} from '../src/index.js'
import type { Net } from './net.js'

export interface EndsOptions {
  readonly client?: ClientOptions
  readonly server?: ConnectionOptions
  readonly terms?: ServerTerms
  /** Gets the server's streams. */
  readonly onStream?: (stream: Stream, connection: Connection) => void
}

/** A client and a server that are connected. */
export async function connected({ client, server }: Net, options: EndsOptions = {}) {
  const credentials = streamCredentials(Buffer.alloc(32, 7))
  const random = () => 0.5
  const listening = createServer({ link: server, credentials, logger: silentLogger, random }, options.server)
  const theirs = new Promise<Connection>(resolve => {
    listening.on('connection', connection => {
      connection.on('stream', stream => options.onStream?.(stream, connection))
      resolve(connection)
    })
  })
  const { destinationAccount, sharedSecret } = listening.issueCredentials(options.terms)
  const ours = await createConnection(
    { link: client, destinationAddress: destinationAccount, sharedSecret, random },
    options.client,
  )
  return { client: ours, server: await theirs, listening, sharedSecret }
}

/** All bytes that come on a stream. */
export async function readAll(stream: Pick<Stream, 'readable'>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream.readable) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Writes all of it and closes the stream. */
export async function writeAll(stream: Pick<Stream, 'writable'>, bytes: Uint8Array): Promise<void> {
  const writer = stream.writable.getWriter()
  await writer.write(bytes)
  await writer.close()
}
