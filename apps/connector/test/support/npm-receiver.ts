import { type MoneyStream, type Plugin, type StreamConnection, streamCompat } from '@ilp/test-peers'
import type { Credentials } from './payments.js'

/** A STREAM receiver of npm's, behind a plugin, that takes all the money that comes. */
export async function npmReceiver(
  plugin: Plugin,
): Promise<{ readonly credentials: Credentials; readonly received: () => bigint }> {
  const server = await streamCompat().createServer({ plugin })
  let received = 0n
  server.on('connection', (connection: StreamConnection) =>
    connection.on('stream', (stream: MoneyStream) => {
      stream.setReceiveMax(Number.MAX_SAFE_INTEGER)
      stream.on('money', (amount: string) => {
        received += BigInt(amount)
      })
    }),
  )
  return { credentials: server.generateAddressAndSecret(), received: () => received }
}
