import { accountId, type Logger, silentLogger } from '@ilp/service-core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMirror, createSecrets, type Mirror } from '../../src/index.js'
import { type Connection, SharedServer } from './shared-server.js'

const secrets = createSecrets(new Uint8Array(32).fill(7))
const unavailable = { code: 'ERR_STORE_UNAVAILABLE' }
const closed = { code: 'ERR_STORE_CLOSED' }
const ALICE = accountId('alice')
const BOB = accountId('bob')
const account = (id = ALICE) => ({ id, username: id, asset: { code: 'USD', scale: 9 } })

const open: Mirror[] = []
afterEach(async () => {
  for (const mirror of open.splice(0)) await mirror.stop()
})

function create(server: SharedServer, logger: Logger = silentLogger): [Mirror, Connection] {
  const connection = server.connect()
  const mirror = createMirror({ backend: connection.backend, secrets, logger }, { timeoutMs: 200 })
  open.push(mirror)
  return [mirror, connection]
}

async function start(server: SharedServer, logger?: Logger): Promise<[Mirror, Connection]> {
  const [mirror, connection] = create(server, logger)
  await mirror.start()
  return [mirror, connection]
}

/** Resolves when it holds what the backend has. */
const fresh = (mirror: Mirror) => vi.waitFor(() => mirror.checkFresh(), { interval: 1, timeout: 20_000 })

describe('a mirror', () => {
  it('has what was there before, and hears of what others change', async () => {
    const server = new SharedServer()
    const [one] = await start(server)
    await one.accounts.put(account())
    const [other] = await start(server)
    expect(other.accounts.get(ALICE)).toEqual(account())
    await one.routes.put({ prefix: 'test.a', account: ALICE })
    expect(other.routes.all()).toEqual([{ prefix: 'test.a', account: ALICE }])
  })

  it('holds a change when it has been made, not before the backend tells it', async () => {
    const server = new SharedServer()
    const [mirror, connection] = await start(server)
    connection.misses = 1
    await expect(mirror.address.set('test.node')).rejects.toMatchObject(unavailable)
    expect(mirror.address.get()).toBeUndefined()
    await mirror.address.set('test.other')
    expect(mirror.address.get()).toBe('test.other')
  })

  it('reads everything again when a change was missed, and announces the differences alone', async () => {
    const server = new SharedServer()
    const [one] = await start(server)
    const [other, connection] = await start(server)
    await one.accounts.put(account())
    await one.credentials.setIncomingTokens(ALICE, 'btp', ['a'])
    const heard: unknown[] = []
    for (const { watch } of [other.accounts, other.routes, other.address, other.credentials, other.rates]) {
      ;(watch as (listener: (change: unknown) => void) => void)(change => heard.push(change))
    }
    connection.misses = 1
    await one.credentials.setOutgoingToken(ALICE, 'http', 'b')
    expect(other.credentials.outgoingToken(ALICE, 'http')).toBeUndefined()
    await one.rates.set({ rates: { USD: '1' }, asOfMs: 1 })
    expect(() => other.checkFresh()).toThrow()
    await fresh(other)
    expect(connection.reads).toBe(2)
    expect(other.credentials.outgoingToken(ALICE, 'http')).toBe('b')
    expect(heard).toEqual([
      { account: ALICE, link: 'http' },
      { rates: { USD: '1' }, asOfMs: 1 },
    ])
  })

  it('reads everything again when it is told what it does not understand', async () => {
    const server = new SharedServer()
    const [mirror, connection] = await start(server)
    for (const change of ['no JSON', '[]', '{"a":1}', '["accounts","alice","no account"]']) {
      server.revision += 1
      server.tell(server.revision, change)
      await fresh(mirror)
    }
    expect(connection.reads).toBeGreaterThan(2)
    await mirror.address.set('test.node')
    expect(mirror.address.get()).toBe('test.node')
  })

  it('takes in what it is told while it reads', async () => {
    const server = new SharedServer()
    const [one] = await start(server)
    const [other, connection] = create(server)
    let release = () => {}
    connection.gate = new Promise(resolve => {
      release = resolve
    })
    const started = other.start()
    await vi.waitFor(() => expect(connection.reads).toBe(1), 20_000)
    await one.accounts.put(account())
    await one.accounts.put(account(BOB))
    await one.accounts.remove(ALICE)
    release()
    await started
    expect(other.accounts.all()).toEqual([account(BOB)])
  })

  it('refuses changes and says that it is not fresh while the connection is lost, and reads on', async () => {
    const server = new SharedServer()
    const [one] = await start(server)
    const warned: string[] = []
    const warn = (_: object, message: string) => void warned.push(message)
    const [other, connection] = await start(server, { ...silentLogger, warn })
    await one.accounts.put(account())
    connection.lose()
    await one.accounts.remove(ALICE)
    expect(() => other.checkFresh()).toThrow(expect.objectContaining(unavailable))
    await expect(other.address.set('test.node')).rejects.toMatchObject(unavailable)
    expect(other.accounts.get(ALICE)).toEqual(account())
    const heard: unknown[] = []
    other.accounts.watch(({ account: now }) => heard.push(now))
    connection.restore()
    await fresh(other)
    expect(heard).toEqual([undefined])
    expect(other.accounts.all()).toEqual([])
    expect(warned).toEqual([expect.stringContaining('lost')])
  })

  it('lets go of what it read when the connection was lost meanwhile', async () => {
    const server = new SharedServer()
    const [mirror, connection] = create(server)
    let release = () => {}
    connection.gate = new Promise(resolve => {
      release = resolve
    })
    const started = mirror.start()
    await vi.waitFor(() => expect(connection.reads).toBe(1), 20_000)
    connection.lose()
    release()
    await expect(started).rejects.toMatchObject(unavailable)
  })

  it('gives a token that moved while it was away to the one who has it now', async () => {
    const server = new SharedServer()
    const [one] = await start(server)
    const [other, connection] = await start(server)
    await one.credentials.setIncomingTokens(BOB, 'btp', ['token'])
    connection.lose()
    await one.credentials.setIncomingTokens(BOB, 'btp', [])
    await one.credentials.setIncomingTokens(ALICE, 'btp', ['token'])
    connection.restore()
    await fresh(other)
    expect(other.credentials.authenticate('btp', 'token')).toBe(ALICE)
  })

  it('says once why it can not read, and goes on trying', async () => {
    const server = new SharedServer()
    const errors: string[] = []
    const error = (_: object, message: string) => void errors.push(message)
    const [mirror, connection] = await start(server, { ...silentLogger, error })
    server.tables.accounts.set('broken', 'no account')
    connection.lose()
    connection.restore()
    await vi.waitFor(() => expect(connection.reads).toBeGreaterThan(3), { timeout: 20_000 })
    expect(errors).toHaveLength(1)
    server.tables.accounts.clear()
    await fresh(mirror)
  })

  it('ends what waits when it is stopped', async () => {
    const server = new SharedServer()
    const [mirror, connection] = await start(server)
    connection.misses = 1
    const refused = expect(mirror.address.set('test.node')).rejects.toMatchObject(closed)
    await mirror.stop()
    await refused
    expect(() => mirror.accounts.all()).toThrow(expect.objectContaining(closed))
    await expect(mirror.address.set('test.node')).rejects.toMatchObject(closed)
  })
})
