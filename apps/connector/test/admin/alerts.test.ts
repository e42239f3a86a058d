import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeReply, isFulfill } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import { redisProcess, tcpProxy } from '@ilp/test-servers'
import { verify } from '@ilp/webhooks'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { type RunningConnector, startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { ADMIN_TOKEN, tokenOf } from '../support/face.js'
import { JsonReceiver } from '../support/json-receiver.js'
import { fulfilAll, HeldPackets, outcome, send } from '../support/packets.js'
import { account, dialled, type Settings } from '../support/settings.js'

const secret = 'a secret of both sides'

/** Alerts come soon. */
const soon = { linkDownMs: 100, settlementStuckMs: 100, storeDownMs: 100 }

interface Told {
  readonly type: string
  readonly data: {
    readonly state: string
    readonly id: string
    readonly account?: string
    readonly details?: Readonly<Record<string, unknown>>
  }
}

const told = ({ posts }: JsonReceiver): Told[] => posts.map(({ body }) => body as Told)
const states = (receiver: JsonReceiver) =>
  told(receiver).map(({ type, data: { state, account: about } }) => [type, state, about])

async function start(more: Settings, hook: JsonReceiver) {
  const node = await startConnector({
    ilpAddress: 'test.node',
    accounts: [account('alice'), account('bob')],
    alerts: soon,
    webhooks: [{ url: `${hook.url}/alerts`, secret }],
    ...more,
  })
  const api = await AdminApi.of(node)
  return { node, api, alerts: async () => (await api.get('/alerts')).body }
}

/** The alerts among a node's events. */
async function heard({ adminUrl }: RunningConnector) {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const response = await fetch(`${adminUrl}/events`, { headers, signal: over.signal })
  let text = ''
  const read = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  }
  read().catch(() => {})
  return () =>
    [...text.matchAll(/^event: alert\ndata: (.*)\n\n/gm)]
      .map(([, data = '']) => JSON.parse(data) as { readonly state?: string; readonly id: string })
      .filter(({ state }) => state !== undefined)
}

/** Where it listens, until the test ends. */
async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('an alert', () => {
  it('is raised once and cleared once: at the webhook, in the API, among the events and in the log', async () => {
    // The first answer is a failure: it comes again.
    const hook = await JsonReceiver.start([500])
    const accounts = [account('alice', { minBalance: '-1000' }), account('bob')]
    const { node, api, alerts } = await start({ accounts }, hook)
    const events = await heard(node)
    fulfilAll(await node.plugin('bob'))
    expect(await alerts()).toEqual([])
    expect(outcome(await send(await node.plugin('alice'), 'test.node.bob', 900n))).toBe('fulfilled')
    await eventually(alerts).toMatchObject([
      {
        kind: 'balance-near-limit',
        account: 'alice',
        details: { balance: '-900', heldOut: '0', heldIn: '0', minBalance: '-1000' },
      },
    ])
    const [{ id }] = await alerts()
    await eventually(() => states(hook)).toEqual([
      ['balance-near-limit', 'raised', 'alice'],
      ['balance-near-limit', 'raised', 'alice'],
    ])
    await api.post('/accounts/alice/adjustments', { amount: '400', reason: 'a bank transfer' }, 'key')
    await eventually(alerts).toEqual([])
    await eventually(() => states(hook).at(-1)).toEqual(['balance-near-limit', 'cleared', 'alice'])
    expect(hook.posts).toHaveLength(3)
    expect(new Set(told(hook).map(({ data }) => data.id))).toEqual(new Set([id]))
    for (const { headers, text: body } of hook.posts) {
      const signature = String(headers['webhook-signature'])
      expect(verify({ body, signature, secret })).toBe(true)
      expect(verify({ body: `${body} `, signature, secret })).toBe(false)
    }
    expect(told(hook)[0]?.data).toMatchObject({ node: 'test.node', kind: 'balance-near-limit' })
    await eventually(events).toMatchObject([
      { state: 'raised', id },
      { state: 'cleared', id },
    ])
    const logged = node.logger.entries.map(({ level, message }) => `${level} ${message}`)
    expect(logged.filter(line => line.includes(' alert raised'))).toHaveLength(1)
    expect(logged.filter(line => line.includes(' alert cleared'))).toHaveLength(1)
    expect(JSON.stringify(node.logger.entries)).not.toContain(secret)
  })

  it('is raised for a BTP link that stays down, and cleared when it is up', async () => {
    const peer = await startConnector({ ilpAddress: 'test.peer', accounts: [account('node')] })
    const proxy = await tcpProxy(peer.url)
    onTestFinished(proxy.stop)
    const url = peer.btpUrl('node').replace(new URL(peer.url).host, `127.0.0.1:${proxy.port}`)
    const dialling = account('peer', {
      relation: 'peer',
      http: undefined,
      btp: dialled(url, tokenOf('node')),
    })
    const hook = await JsonReceiver.start()
    const others = await JsonReceiver.start()
    const webhooks = [
      { url: hook.url, secret, events: ['link-down'] },
      { url: others.url, secret, events: ['store-out-of-reach', 'settlement-stuck'] },
    ]
    const { node, api, alerts } = await start({ accounts: [dialling], webhooks }, hook)
    await node.linkUp('peer')
    proxy.refuse(true)
    proxy.cut()
    await eventually(() => states(hook)).toEqual([['link-down', 'raised', 'peer']])
    expect(await alerts()).toMatchObject([{ kind: 'link-down', account: 'peer', details: { link: 'btp' } }])
    expect((await api.get('/alerts?kind=store-out-of-reach')).body).toEqual([])
    const metrics = async () => await (await node.admin('/metrics')).text()
    expect(await metrics()).toContain('ilp_alerts{kind="link-down"} 1')
    proxy.refuse(false)
    await eventually(() => states(hook).at(-1)).toEqual(['link-down', 'cleared', 'peer'])
    expect(others.posts).toEqual([])
    const origin = new URL(hook.url).origin
    await eventually(metrics).toContain(`ilp_webhook_events_total{origin="${origin}",outcome="delivered"} 2`)
  })

  it('is raised for a peer over HTTP to which nothing gets through, and cleared by what does', async () => {
    const hook = await JsonReceiver.start()
    let status = 503
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(status).end())
    })
    const url = `${await listening(server)}/ilp`
    const bob = account('bob', { btp: undefined, http: { outgoing: { url } }, sendRoutes: false })
    const { node, api, alerts } = await start({ accounts: [account('alice'), bob] }, hook)
    const alice = await node.plugin('alice')
    expect((await api.get('/connections/http')).body).toEqual([
      {
        account: 'bob',
        posts: url,
        isFailing: false,
        inFlight: 0,
        lastSuccessAtMs: null,
        lastFailureAtMs: null,
        lastFailure: null,
      },
    ])
    await eventually(async () => {
      await send(alice, 'test.node.bob', 1n)
      return alerts()
    }).toMatchObject([{ kind: 'link-down', account: 'bob', details: { link: 'http', reason: 'status 503' } }])
    expect((await api.get('/connections/http')).body).toMatchObject([
      { isFailing: true, lastSuccessAtMs: null, lastFailure: 'status 503' },
    ])
    status = 200
    await send(alice, 'test.node.bob', 1n)
    await eventually(alerts).toEqual([])
    expect((await api.get('/connections/http')).body).toMatchObject([{ isFailing: false }])
    await eventually(() => states(hook)).toEqual([
      ['link-down', 'raised', 'bob'],
      ['link-down', 'cleared', 'bob'],
    ])
  })

  it('is raised for a settlement that waits for its engine, and cleared when that has it', async () => {
    const hook = await JsonReceiver.start()
    let isWell = false
    const engine = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(isWell ? 201 : 500).end())
    })
    const engineUrl = await listening(engine)
    const settled = account('bob', { settlement: { engineUrl, settleThreshold: '50' } })
    const more = { allowVolatileSettlement: true, accounts: [account('alice'), settled] }
    const { node, api, alerts } = await start(more, hook)
    fulfilAll(await node.plugin('bob'))
    await send(await node.plugin('alice'), 'test.node.bob', 70n)
    await eventually(alerts).toMatchObject([
      { kind: 'settlement-stuck', account: 'bob', details: { amount: '70' } },
    ])
    isWell = true
    await api.post('/settlement/retry')
    await eventually(alerts).toEqual([])
    await eventually(() => states(hook)).toEqual([
      ['settlement-stuck', 'raised', 'bob'],
      ['settlement-stuck', 'cleared', 'bob'],
    ])
  })

  it('is raised while the store is out of reach, and cleared when it is back', async () => {
    const server = await redisProcess({ inMemory: true })
    onTestFinished(server.stop)
    const hook = await JsonReceiver.start()
    const { alerts } = await start({ store: server.url, leaseMs: 1_000 }, hook)
    await server.kill()
    await eventually(alerts).toMatchObject([{ kind: 'store-out-of-reach', account: null }])
    await server.restart()
    await eventually(alerts).toEqual([])
    await eventually(() => states(hook)).toEqual([
      ['store-out-of-reach', 'raised', undefined],
      ['store-out-of-reach', 'cleared', undefined],
    ])
  })

  it('is raised while a transfer is to be reconciled, and cleared when all have been', async () => {
    const hook = await JsonReceiver.start()
    const { node, api, alerts } = await start({}, hook)
    const held = new HeldPackets(await node.plugin('bob'))
    const alice = await node.plugin('alice')
    const expiresAt = new Date(Date.now() + 4_000)
    const prepare = testPrepare({ destination: 'test.node.bob', units: 12n, expiresAt })
    const reply = alice.sendData(prepare.toBuffer())
    const [packet] = await held.take(1)
    await reply
    packet?.fulfil()
    const list = async () => (await api.get('/reconciliation')).body
    await eventually(async () => (await list()).size).toBe(1)
    const {
      entries: [entry],
    } = await list()
    expect(entry).toMatchObject({
      kind: 'late-fulfill',
      from: 'alice',
      incomingAmount: '12',
      to: 'bob',
      amount: '12',
      destination: 'test.node.bob',
      fulfillment: '07'.repeat(32),
    })
    await eventually(alerts).toMatchObject([{ kind: 'reconciliation-needed', details: { entries: 1 } }])
    expect((await api.delete('/reconciliation/nothing?reason=x')).status).toBe(404)
    expect((await api.delete(`/reconciliation/${entry.id}`)).status).toBe(400)
    expect((await api.delete(`/reconciliation/${entry.id}?reason=bob+gives+it+back`)).status).toBe(204)
    expect(await list()).toEqual({ entries: [], size: 0, unlisted: 0 })
    await eventually(alerts).toEqual([])
    await eventually(() => states(hook).map(([, state]) => state)).toEqual(['raised', 'cleared'])
  })

  it('is raised anew behind a restart, for what the journal’s folder has kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ilp-connector-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const entry = {
      id: '1',
      atMs: 1,
      kind: 'unbooked',
      from: 'alice',
      incomingAmount: '1',
      to: 'bob',
      amount: '1',
    }
    await writeFile(join(folder, 'reconciliation.jsonl'), `\n${JSON.stringify({ entry })}`)
    const hook = await JsonReceiver.start()
    const { node, api, alerts } = await start({ journalDir: folder }, hook)
    await eventually(alerts).toMatchObject([{ kind: 'reconciliation-needed' }])
    expect((await api.get('/reconciliation')).body).toEqual({ entries: [entry], size: 1, unlisted: 0 })
    await node.connector.stop()
    const next = await start({ journalDir: folder }, hook)
    await eventually(next.alerts).toMatchObject([{ kind: 'reconciliation-needed' }])
    await eventually(() => states(hook).map(([, state]) => state)).toEqual(['raised', 'raised'])
    expect((await next.api.delete('/reconciliation/1?reason=done')).status).toBe(204)
    await eventually(next.alerts).toEqual([])
  })

  it('names a Fulfill that is in no book, until the store has it after all', async () => {
    const server = await redisProcess({ inMemory: true })
    onTestFinished(server.stop)
    const hook = await JsonReceiver.start()
    const { node, api } = await start({ store: server.url, leaseMs: 30_000 }, hook)
    const held = new HeldPackets(await node.plugin('bob'))
    const alice = await node.plugin('alice')
    const expiresAt = new Date(Date.now() + 6_000)
    const prepare = testPrepare({ destination: 'test.node.bob', units: 12n, expiresAt })
    const reply = alice.sendData(prepare.toBuffer())
    const [packet] = await held.take(1)
    await server.pause()
    packet?.fulfil()
    expect(isFulfill(decodeReply(await reply))).toBe(true)
    const list = async () => (await api.get('/reconciliation')).body
    await eventually(list).toMatchObject({ entries: [{ kind: 'unbooked', from: 'alice', amount: '12' }] })
    await server.resume()
    await eventually(list).toMatchObject({ size: 0 })
    expect((await node.balance('alice')).balance).toBe(-12n)
  })

  it('that nobody takes costs little memory, keeps no packet and stops no stop', async () => {
    const dead = await JsonReceiver.start()
    dead.close()
    const gone = account('gone', {
      relation: 'peer',
      http: undefined,
      btp: dialled('ws://127.0.0.1:9/', 'x'),
    })
    const { node, alerts } = await start({ accounts: [account('alice'), account('bob'), gone] }, dead)
    await eventually(alerts).toHaveLength(1)
    fulfilAll(await node.plugin('bob'))
    expect(outcome(await send(await node.plugin('alice'), 'test.node.bob', 1n))).toBe('fulfilled')
    await eventually(() => node.logger.entries.map(({ message }) => message)).toContain(
      'webhooks do not get through',
    )
    expect(await (await node.admin('/metrics')).text()).toMatch(/ilp_webhook_events_waiting\{.*\} 1/)
    await node.connector.stop()
  })
})
