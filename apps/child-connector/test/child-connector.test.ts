import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  accountId,
  decodeReply,
  type IncomingRequest,
  isFulfill,
  Prepare,
  silentLogger,
  stack,
  unreachable,
} from '@ilp/service-core'
import { recordingLogger, testPrepare } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { streamSender } from '@ilp/stream-sender'
import type { Plugin } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { payOnce } from '../example/usage.js'
import { type ChildDeps, type ChildOptions, createChildConnector } from '../src/index.js'
import { pluginOf, startParent, usd } from './parent.js'

const options = (url: string, more: Partial<ChildOptions> = {}): ChildOptions => ({
  parent: { url, token: 'of-laptop', minBalance: -1_000_000n },
  asset: usd,
  accounts: [{ username: 'me', tokens: ['of-me'] }, { username: 'you' }],
  secretSeed: '07'.repeat(32),
  ...more,
})

async function startChild(given: ChildOptions, deps: Partial<ChildDeps> = {}) {
  const child = createChildConnector(given, { logger: silentLogger, ...deps })
  onTestFinished(() => child.stop())
  await child.start()
  return child
}

/** Pays from behind the plugin. */
const payerAt = (plugin: Plugin) =>
  streamSender({
    service: { call: async ({ prepare }) => decodeReply(await plugin.sendData(prepare.toBuffer())) },
    from: { id: accountId('payer') },
  })

/** Receives behind the plugin; returns whom to pay. */
function receiveAt(plugin: Plugin, address: string) {
  const credentials = streamCredentials(randomBytes(32))
  const chain = stack<IncomingRequest>()
    .use(streamReceiver({ receiverOf: () => ({ address, asset: usd }), credentials, logger: silentLogger }))
    .around({ ready: async () => {}, call: async () => unreachable(address, 'nobody else is here') })
  const from = { id: accountId('parent') }
  plugin.registerDataHandler(async bytes =>
    (await chain.call({ from, prepare: Prepare.decode(bytes) })).toBuffer(),
  )
  return credentials.issue(address)
}

const destination = ({ destinationAccount, sharedSecret }: ReturnType<typeof receiveAt>) => ({
  destinationAddress: destinationAccount,
  sharedSecret,
})

describe('the child connector', () => {
  it('learns its address, is paid and pays, and agrees with its parent to the unit', async () => {
    const parent = await startParent()
    const other = await pluginOf(parent)
    const books = createMemoryStore({ secrets: createSecrets(new Uint8Array(32)) })
    const money: bigint[] = []
    const child = await startChild(options(parent.url('laptop')), {
      books,
      onMoney: ({ amount }) => void money.push(amount),
    })
    expect(await child.learned).toBe('test.parent.laptop')
    expect(child.url()).toBeUndefined()

    const mine = child.credentials('me')
    if (!mine) throw new Error('no credentials were issued')
    const paid = await payerAt(other).pay({ ...destination(mine), amount: { source: 300_000n } })
    expect([paid.end, paid.delivered]).toEqual(['completed', 300_000n])
    expect(money.reduce((sum, amount) => sum + amount, 0n)).toBe(300_000n)

    const sender = streamSender({ service: child.service, from: child.account('you') })
    const spent = await sender.pay({
      ...destination(receiveAt(other, 'test.parent.other')),
      amount: { source: 120_000n },
    })
    expect([spent.end, spent.delivered]).toEqual(['completed', 120_000n])

    const balance = async (name: string) => (await books.ledger.readBalance(accountId(name))).balance
    expect([await balance('parent'), await balance('me'), await balance('you')]).toEqual([
      -180_000n,
      300_000n,
      -120_000n,
    ])
    // npm's connector shows the figure from its own point of view and with its own sign: twice the other way round.
    await expect.poll(parent.balances).toEqual({ laptop: -180_000n, other: 180_000n })
  })

  it('is lent no more by its parent than it allows', async () => {
    const parent = await startParent()
    const child = await startChild({
      ...options(parent.url('laptop')),
      parent: { url: parent.url('laptop'), token: 'of-laptop' },
    })
    await child.learned
    const reply = await (await pluginOf(parent)).sendData(
      testPrepare({ destination: 'test.parent.laptop.me', units: 1n }).toBuffer(),
    )
    expect(decodeReply(reply)).toMatchObject({ code: 'T04', triggeredBy: 'test.parent.laptop' })
  })

  it('takes no address of a parent that counts otherwise', async () => {
    const parent = await startParent()
    const logger = recordingLogger()
    const warned = new Promise(resolve => {
      const { warn } = logger
      Object.assign(logger, { warn: (...args: Parameters<typeof warn>) => resolve(warn(...args)) })
    })
    const child = await startChild(options(parent.url('laptop'), { asset: { code: 'USD', scale: 6 } }), {
      logger,
    })
    await warned
    expect(child.address()).toBeUndefined()
    expect(child.credentials('me')).toBeUndefined()
  })

  it('serves programs of its machine where it is told to', async () => {
    const parent = await startParent()
    const child = await startChild(options(parent.url('laptop'), { listen: { host: '127.0.0.1', port: 0 } }))
    await child.learned
    const post = async (token: string, to: string) => {
      const response = await fetch(`${child.url()}/ilp`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
        body: new Uint8Array(testPrepare({ destination: to, units: 0n }).toBuffer()),
      })
      if (!response.ok) return response.status
      const reply = decodeReply(Buffer.from(await response.arrayBuffer()))
      return isFulfill(reply) ? 'fulfilled' : reply.code
    }
    expect(await post('of-nobody', 'test.parent.other')).toBe(401)
    expect(await post('of-me', 'test.parent.laptop.you.x')).toBe('F06')
    expect(await post('of-me', 'test.parent.laptop.nobody')).toBe('F02')
    const spsp = await fetch(`${child.url()}/accounts/me/spsp`, {
      headers: { accept: 'application/spsp4+json' },
    })
    expect(await spsp.json()).toMatchObject({
      destination_account: expect.stringMatching(/^test\.parent\.laptop\.me\./),
    })
  })

  it.each([
    ['a name that addresses can not have', { accounts: [{ username: 'a.b' }] }],
    ['the name of the parent', { accounts: [{ username: 'parent' }] }],
    ['a limit above zero', { parent: { url: 'ws://127.0.0.1:1', token: 't', minBalance: 1n } }],
  ])('refuses %s', (_, more) => {
    const create = () => createChildConnector(options('ws://127.0.0.1:1', more), { logger: silentLogger })
    expect(create).toThrow(RangeError)
  })

  it('has an example that pays, and a README that shows it', async () => {
    const parent = await startParent()
    const other = await pluginOf(parent)
    const paid = await payOnce(
      { url: parent.url('laptop'), token: 'of-laptop' },
      { ...destination(receiveAt(other, 'test.parent.other')), amount: { source: 1_000n } },
    )
    expect([paid.end, paid.delivered]).toEqual(['completed', 1_000n])
    const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
    expect(await read('../README.md')).toContain((await read('../example/usage.ts')).trim())
  })
})
