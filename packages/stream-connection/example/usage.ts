import { randomBytes } from 'node:crypto'
import { accountId, type IncomingRequest, stack, unreachable } from '@ilp/service-core'
import { type ChainLink, chainLink, createConnection, createServer } from '@ilp/stream-connection'
import { streamCredentials } from '@ilp/stream-receiver'

const asset = { code: 'USD', scale: 9 }
const linkOf = (name: string): ChainLink =>
  chainLink({ service: () => node, from: { id: accountId(name) }, address: () => `test.node.${name}`, asset })
const [library, reader] = [linkOf('library'), linkOf('reader')]

/** A node between the two. Usually each has a node of its own, with a router and balances. */
const node = stack<IncomingRequest>()
  .use(library.layer)
  .use(reader.layer)
  .around({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable('test.node', 'nobody else is here')),
  })

/** Sells its only book. */
export const server = createServer({ link: library, credentials: streamCredentials(randomBytes(32)) })
server.on('connection', connection => {
  connection.on('stream', async stream => {
    await stream.receiveTotal(500n)
    const writer = stream.writable.getWriter()
    await writer.write(new TextEncoder().encode('Call me Ishmael.'))
    await writer.close()
  })
})

/** Pays for the book and reads it. */
export async function buyBook(): Promise<string> {
  // Usually an answer to an SPSP query.
  const { destinationAccount, sharedSecret } = server.issueCredentials()
  await using connection = await createConnection({
    link: reader,
    destinationAddress: destinationAccount,
    sharedSecret,
  })
  const stream = connection.createStream()
  await stream.sendTotal(500n, { signal: AbortSignal.timeout(60_000) })
  let text = ''
  for await (const chunk of stream.readable) text += new TextDecoder().decode(chunk)
  return text
}
