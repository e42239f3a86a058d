import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { redisProcess } from './redis-process.js'

/** A Redis server that others may use as well, and a part of its keys that nobody else has. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  /** Keys that contain it are this caller's, and are gone after the stop. */
  readonly prefix: string
  readonly stop: () => Promise<void>
}

/** Deletes all keys that contain the prefix. */
async function clear(url: string, prefix: string): Promise<void> {
  const client = new Redis(url)
  for await (const keys of client.scanStream({ match: `*${prefix}*`, count: 1_000 })) {
    if (keys.length > 0) await client.unlink(...keys)
  }
  await client.quit()
}

/**
 * The server that REDIS_URL names; otherwise one that is started for this caller.
 * @throws Error that says what to install
 */
export async function redisServer(): Promise<RedisServer> {
  const prefix = `test-${randomBytes(8).toString('hex')}`
  const { REDIS_URL: given } = process.env
  if (given) {
    const stop = () => clear(given, prefix)
    return { url: given, prefix, stop, [Symbol.asyncDispose]: stop }
  }
  const { url, stop } = await redisProcess({ inMemory: true })
  return { url, prefix, stop, [Symbol.asyncDispose]: stop }
}
