import { redisProcess, tcpProxy } from '@ilp/test-servers'
import { Redis } from 'ioredis'

/** What is read back when the connection was cut before the answer to a write came, and the server was killed then. */
export async function writeAcrossACut(): Promise<string | null> {
  await using server = await redisProcess({ appendFsync: 'always' })
  await using proxy = await tcpProxy(server.url)
  const client = new Redis(proxy.url, { maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  await client.ping()
  const cut = proxy.cutAt({ toClient: 0 })
  await client.set('key', 'written').catch(() => 'its answer was lost')
  await cut
  client.disconnect()
  await server.kill()
  await server.restart()
  const next = new Redis(server.url)
  const value = await next.get('key')
  next.disconnect()
  return value
}
