import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALICE, stored } from '@ilp/store-processes'
import { freePorts } from '@ilp/test-peers'
import { redisProcess, type ServerProcess } from '@ilp/test-servers'
import { generate } from 'selfsigned'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Connection } from '../src/index.js'
import { redisStores } from './given.js'

const stores = redisStores()
const servers: ServerProcess[] = []
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ilp-store-redis-'))
})
afterEach(async () => {
  await stores.stop()
  for (const server of servers.splice(0)) await server.stop()
  await rm(folder, { recursive: true })
})

async function start(...args: string[]): Promise<ServerProcess> {
  const server = await redisProcess({ inMemory: true, args })
  servers.push(server)
  return server
}

/** What one does is in force for another on the same connection. */
async function expectToWork(connection: Connection): Promise<void> {
  const [one, other] = [await stores.open(connection), await stores.open(connection)]
  const told = new Promise<void>(resolve => other.accounts.watch(() => resolve()))
  expect(await one.accounts.put(stored(ALICE.id))).toBe('stored')
  await told
  expect(other.accounts.get(ALICE.id)).toEqual(stored(ALICE.id))
}

it('may be encrypted', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
  })
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await writeFile(certFile, cert)
  await writeFile(keyFile, key)
  const [port = 0] = await freePorts(1)
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile]
  await start(
    '--tls-port',
    String(port),
    ...files,
    '--tls-ca-cert-file',
    certFile,
    '--tls-auth-clients',
    'no',
  )
  await expectToWork({ host: '127.0.0.1', port, tls: { ca: cert, servername: 'localhost' } })
  await expect(stores.open(`rediss://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
    message: expect.stringContaining('certificate'),
  })
})

it('may go through a socket in the file system', async () => {
  const path = join(folder, 'redis.sock')
  await start('--unixsocket', path)
  await expectToWork(path)
})

it('may need a password', async () => {
  const { port } = await start('--requirepass', 'open sesame')
  await expectToWork(`redis://:${encodeURIComponent('open sesame')}@127.0.0.1:${port}`)
  await expect(stores.open(`redis://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
    message: expect.stringContaining('NOAUTH'),
  })
})

it('does not name several servers that are no cluster', async () => {
  const [one, other] = [await start(), await start()]
  await expect(stores.open([one.url, other.url])).rejects.toMatchObject({
    code: 'ERR_STORE_UNSAFE',
    message: expect.stringContaining('no node of a cluster'),
  })
})
