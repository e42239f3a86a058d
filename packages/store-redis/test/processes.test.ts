import { storeProcesses } from '@ilp/store-processes'
import { type RedisServer, redisServer } from '@ilp/test-servers'
import { afterAll, beforeAll, describe, it } from 'vitest'

let server: RedisServer
let count = 0
beforeAll(async () => {
  server = await redisServer()
})
afterAll(() => server?.stop())

describe('the Redis store', () => {
  const tests = storeProcesses({
    module: new URL('./fixtures/store.ts', import.meta.url),
    createBackend: () => ({ url: server.url, name: `${server.prefix}-${count++}` }),
  })
  for (const { name, run } of tests) it(name, run)
})
