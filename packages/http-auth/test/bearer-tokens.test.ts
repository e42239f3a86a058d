import { accountId } from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'
import { Client } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { bearerTokens, firstOf, type Scheme } from '../src/index.js'
import { startServer } from './helpers.js'

async function startWithStore(also: readonly Scheme[] = []) {
  const store = createMemoryStore({ secrets: createSecrets(new Uint8Array(32)) })
  await store.start()
  const { accounts, credentials } = store
  const { id } = testAccount('alice')
  await accounts.put(testAccount('alice'))
  await credentials.setIncomingTokens(id, 'http', ['secret'])
  const server = await startServer(firstOf([bearerTokens({ credentials }), ...also]))
  onTestFinished(store.stop)
  const client = new Client(server.url, { pipelining: 1 })
  onTestFinished(() => client.destroy())
  /** On one connection. */
  const whoIsAgain = async (authorization: string) => {
    const { body } = await client.request({ method: 'GET', path: '/', headers: { authorization } })
    return body.text()
  }
  return {
    ...server,
    whoIsAgain,
    setTokens: (tokens: string[]) => credentials.setIncomingTokens(id, 'http', tokens),
  }
}

test('a token is its account’s, as long as it is good', async () => {
  const { whoIs, whoIsAgain, setTokens } = await startWithStore()
  expect(await whoIs()).toBe('nobody')
  expect(await whoIs('Bearer wrong')).toBe('nobody')
  expect(await whoIs('bearer secret')).toBe('alice')
  expect(await whoIsAgain('Bearer secret')).toBe('alice')
  expect(await whoIsAgain('Bearer secret')).toBe('alice')
  expect(await whoIsAgain('Bearer secreT')).toBe('nobody')
  await setTokens(['other'])
  expect(await whoIsAgain('Bearer secret')).toBe('nobody')
  expect(await whoIsAgain('Bearer other')).toBe('alice')
})

test('before its start, a scheme asks the store each time', () => {
  let asked = 0
  const { authenticate } = bearerTokens({
    credentials: {
      authenticate: () => {
        asked += 1
        return accountId('alice')
      },
      watch: () => () => {},
    },
  })
  const request = { socket: {}, headers: { authorization: 'Bearer x' } } as Parameters<typeof authenticate>[0]
  for (let i = 0; i < 3; i++) expect(authenticate(request)).toBe('alice')
  expect(asked).toBe(3)
})

test('of several schemes, the first that knows a request says whose it is', async () => {
  const asked: string[] = []
  const scheme = (name: string, isLater: boolean, known: string): Scheme => ({
    authenticate: ({ headers }) => {
      asked.push(name)
      const account = headers.authorization === known ? accountId(name) : undefined
      return isLater ? Promise.resolve(account) : account
    },
  })
  const { whoIs } = await startWithStore([
    scheme('first', true, 'a'),
    scheme('second', false, 'b'),
    scheme('third', true, 'c'),
  ])
  expect(await whoIs('Bearer secret')).toBe('alice')
  expect(asked).toEqual([])
  expect(await whoIs('a')).toBe('first')
  expect(await whoIs('b')).toBe('second')
  expect(asked.splice(0)).toEqual(['first', 'first', 'second'])
  expect(await whoIs('c')).toBe('third')
  expect(await whoIs('d')).toBe('nobody')
  expect(asked).toEqual(['first', 'second', 'third', 'first', 'second', 'third'])
})
