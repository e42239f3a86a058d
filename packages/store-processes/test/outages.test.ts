import { AssertionError } from 'node:assert'
import { redisProcess, type ServerProcess } from '@ilp/test-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storeOutages } from '../src/index.js'
import { createStore } from './fixtures/unshared.js'

let server: ServerProcess
beforeAll(async () => {
  server = await redisProcess({ inMemory: true })
})
afterAll(() => server?.stop())

describe('a store that does without its server is found out', () => {
  const tests = storeOutages({
    server: () => server,
    startServer: () => redisProcess({ inMemory: true }),
    createStore,
    octets: { operations: 100, answer: 10 },
  })
  it.each([
    'a batch whose connection is cut before it reaches the server is applied once when it is sent again',
    'money that is moved in other ways while the connection is cut before its answer is moved once',
    'a server that is silent is reported within the timeout, and has applied what it had got once',
    'a server that can not be reached fails a start, which can be stopped',
  ])('%s', async name => {
    const test = tests.find(test => test.name === name)
    if (!test) expect.fail(`there is no test "${name}"`)
    await expect(test.run()).rejects.toBeInstanceOf(AssertionError)
  })
})
