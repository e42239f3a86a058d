import { storeProcesses } from '@ilp/store-processes'
import { type PostgresServer, postgresServer } from '@ilp/test-servers'
import { afterAll, beforeAll, describe, it } from 'vitest'

let server: PostgresServer
let url: string
let count = 0
beforeAll(async () => {
  server = await postgresServer()
  url = await server.createDatabase()
})
afterAll(() => server?.stop())

describe('the Postgres store', () => {
  const tests = storeProcesses({
    module: new URL('./fixtures/store.ts', import.meta.url),
    createBackend: () => ({ url, name: `test_${count++}` }),
  })
  for (const { name, run } of tests) it(name, run)
})
