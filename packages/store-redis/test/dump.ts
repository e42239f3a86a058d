import type { Redis } from 'ioredis'

/** Everything under the prefix, as somebody reads it who got hold of the server's files. */
export async function dump(client: Redis, prefix: string): Promise<string> {
  const lines: string[] = []
  for (const key of await client.keys(`{${prefix}}*`)) {
    const read: Record<string, () => Promise<unknown>> = {
      hash: () => client.hgetall(key),
      list: () => client.lrange(key, 0, -1),
      set: () => client.smembers(key),
      string: () => client.get(key),
    }
    lines.push(`${key} ${JSON.stringify(await read[await client.type(key)]?.())}`)
  }
  return lines.join('\n')
}
