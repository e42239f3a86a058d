import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startProgram } from '@ilp/test-peers'
import { Cluster, Redis } from 'ioredis'
import { Client } from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { writeAcrossACut } from '../example/usage.js'
import {
  postgresProcess,
  postgresServer,
  redisCluster,
  redisProcess,
  redisServer,
  type ServerProcess,
} from '../src/index.js'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const use = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => {
  const one = await starting
  open.push(one)
  return one
}

interface Access {
  readonly put: (value: string) => Promise<unknown>
  readonly get: () => Promise<unknown>
  readonly close: () => Promise<unknown>
}

async function openRedis(url: string): Promise<Access> {
  const client = new Redis(url)
  client.on('error', () => {})
  return {
    put: value => client.set('key', value),
    get: () => client.get('key'),
    close: async () => client.disconnect(),
  }
}

async function openPostgres(url: string): Promise<Access> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  await client.query('CREATE TABLE IF NOT EXISTS kept (value text)')
  return {
    put: value => client.query('INSERT INTO kept VALUES ($1)', [value]),
    get: async () => (await client.query('SELECT value FROM kept')).rows[0]?.value,
    close: () => client.end().catch(() => {}),
  }
}

const kinds: [string, () => Promise<ServerProcess>, (url: string) => Promise<Access>][] = [
  ['Redis', redisProcess, openRedis],
  ['Postgres', postgresProcess, openPostgres],
]

describe.each(kinds)('a %s process', (_, start, access) => {
  it('has what was acknowledged when it was killed and restarted', async () => {
    const server = await use(start())
    const before = await access(server.url)
    await before.put('acknowledged')
    await server.kill()
    await before.close()
    await server.restart()
    const after = await access(server.url)
    expect(await after.get()).toBe('acknowledged')
    await after.close()
    await server.restart()
    const again = await access(server.url)
    expect(await again.get()).toBe('acknowledged')
    await again.close()
  })

  it('answers nothing while it is paused, and everything when it is resumed', async () => {
    const server = await use(start())
    const client = await access(server.url)
    await client.put('value')
    await server.pause()
    const answer = client.get()
    expect(await Promise.race([answer, sleep(100, 'silence')])).toBe('silence')
    await server.resume()
    expect(await answer).toBe('value')
    await client.close()
  })

  it('can be stopped while it is paused, and stopped twice', async () => {
    const server = await start()
    await server.pause()
    await Promise.all([server.stop(), server.stop()])
    const socket = connect(server.port, '127.0.0.1')
    const [error] = await once(socket, 'error')
    expect(error.code).toBe('ECONNREFUSED')
  })
})

it('servers are gone when the process that started them is killed', async () => {
  const parent = fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url))
  const child = startProgram(parent)
  const [, ports = ''] = await child.printed(/ports ([\d ]+)\./, 40_000)
  const sockets = ports.split(' ').map(port => connect(Number(port), '127.0.0.1'))
  await Promise.all(sockets.map(socket => once(socket, 'connect')))
  // Their ends are noticed by those who read. A killed server may reset what it hadn't read: that is an end too.
  for (const socket of sockets) socket.on('error', () => {}).resume()
  const gone = sockets.map(socket => new Promise(resolve => socket.on('close', resolve)))
  child.process.kill('SIGKILL')
  await Promise.all(gone)
})

it('each caller has keys of its own on a Redis server', async () => {
  const [one, other] = [await use(redisServer()), await use(redisServer())]
  expect(one.prefix).not.toBe(other.prefix)
  const client = await openRedis(one.url)
  expect(await client.get()).toBeNull()
  await client.close()
})

it('each call makes an empty database on a Postgres server', async () => {
  const server = await use(postgresServer())
  const [one, other] = [
    await openPostgres(await server.createDatabase()),
    await openPostgres(await server.createDatabase()),
  ]
  await one.put('value')
  expect(await one.get()).toBe('value')
  expect(await other.get()).toBeUndefined()
  await one.close()
  await other.close()
})

it('servers that the environment names are used, and left tidy', async () => {
  const [redis, postgres] = [await use(redisProcess()), await use(postgresProcess())]
  const { REDIS_URL, POSTGRES_URL } = process.env
  Object.assign(process.env, { REDIS_URL: redis.url, POSTGRES_URL: postgres.url })
  try {
    const [named, databases] = [await redisServer(), await postgresServer()]
    expect(named.url).toBe(redis.url)
    const client = new Redis(redis.url)
    await client.mset(`{${named.prefix}}:key`, 'mine', 'other', 'not mine')
    const database = await databases.createDatabase()
    expect(new URL(database).port).toBe(String(postgres.port))
    const left = await openPostgres(database)
    await named.stop()
    await databases.stop()
    await left.close()
    expect(await client.keys('*')).toEqual(['other'])
    client.disconnect()
    await expect(openPostgres(database)).rejects.toThrow('does not exist')
  } finally {
    for (const [name, value] of Object.entries({ REDIS_URL, POSTGRES_URL })) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
})

it('a cluster keeps its keys while their slot moves, and while a replica takes over', async () => {
  const cluster = await use(redisCluster())
  const [first, second] = cluster.masters as [ServerProcess, ServerProcess]
  const nodes = new Cluster([{ host: '127.0.0.1', port: second.port }])
  try {
    let key = 'key'
    while ((await cluster.ownerOf(key)) !== first) key += '.'
    await nodes.set(key, 'value')
    await cluster.move(key, second)
    expect(await cluster.ownerOf(key)).toBe(second)
    expect(await nodes.get(key)).toBe('value')
    await cluster.move(key, first)
    await cluster.failOver()
    expect(await nodes.get(key)).toBe('value')
    await nodes.set(key, 'another')
    const replica = new Redis(cluster.replica.url)
    expect(await replica.get(key)).toBe('another')
    replica.disconnect()
  } finally {
    nodes.disconnect()
  }
})

it('the example reads back what was written before the cut', async () => {
  expect(await writeAcrossACut()).toBe('written')
})
