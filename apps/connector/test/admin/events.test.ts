import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEvents, LISTENERS_MAX } from '../../src/admin/events.js'
import { AdminApi } from '../support/admin-api.js'
import { type RunningConnector, startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { ADMIN_TOKEN } from '../support/face.js'
import { fulfilAll, send } from '../support/packets.js'
import { account, usd } from '../support/settings.js'

interface Heard {
  readonly event: string
  readonly data: object
}

/** A GET on a connection of its own, whose body is yet to be read. */
const open = (url: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
    const asked = request(url, { headers, agent: false })
    asked.once('error', reject)
    asked.once('response', response => {
      response.on('error', () => {})
      onTestFinished(() => void response.destroy())
      resolve(response)
    })
    asked.end()
  })

/** Listens to a node's events. */
async function listen(node: RunningConnector) {
  const response = await open(`${node.adminUrl}/events`)
  let text = ''
  response.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  const heard = (): Heard[] =>
    [...text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(([, event = '', data = '']) => ({
      event,
      data: JSON.parse(data) as object,
    }))
  return { response, of: (event: string) => heard().filter(one => one.event === event) }
}

const start = () => startConnector({ ilpAddress: 'test.node', accounts: [account('bob'), account('carol')] })

describe('events', () => {
  it('tell of links, of packets and of what they have made of balances', async () => {
    const node = await start()
    const { response, of } = await listen(node)
    expect(response.headers['content-type']).toBe('text/event-stream')
    const [bob, carol] = [await node.plugin('bob'), await node.plugin('carol')]
    fulfilAll(carol)
    await send(bob, 'test.node.carol', 10n)
    await carol.disconnect()
    await send(bob, 'test.node.carol', 5n)
    await send(bob, 'test.nowhere', 1n)
    const packet = { from: 'bob', to: 'carol', destination: 'test.node.carol' }
    await eventually(() => of('packet').map(({ data }) => data)).toMatchObject([
      { ...packet, amount: '10', outcome: 'fulfilled' },
      { ...packet, amount: '5', outcome: 'T01', rejectedBy: 'test.node' },
      { from: 'bob', to: null, amount: '1', destination: 'test.nowhere', outcome: 'F02' },
    ])
    await eventually(() => of('link').map(({ data }) => data)).toEqual([
      { account: 'bob', isUp: true },
      { account: 'carol', isUp: true },
      { account: 'carol', isUp: false },
    ])
    const none = { heldOut: '0', heldIn: '0', asset: usd }
    for (const data of [
      { account: 'bob', balance: '-10', ...none },
      { account: 'carol', balance: '10', ...none },
    ]) {
      await eventually(() => of('balance')).toContainEqual({ event: 'balance', data })
    }
  })

  it('are few, however many packets there are', async () => {
    const node = await start()
    const { of } = await listen(node)
    const [bob, carol] = [await node.plugin('bob'), await node.plugin('carol')]
    fulfilAll(carol)
    const startedAtMs = performance.now()
    await Promise.all(Array.from({ length: 200 }, () => send(bob, 'test.node.carol', 1n)))
    const ticks = Math.ceil((performance.now() - startedAtMs) / 1_000) + 1
    await eventually(() => of('balance').length).toBeGreaterThan(0)
    expect(of('packet').length).toBeGreaterThan(0)
    expect(of('packet').length).toBeLessThanOrEqual(20 * ticks)
  })

  it('have room for so many listeners, and end with the node', async () => {
    const node = await start()
    const listeners = await Promise.all(Array.from({ length: LISTENERS_MAX }, () => listen(node)))
    expect(listeners.every(({ response }) => response.statusCode === 200)).toBe(true)
    const api = await AdminApi.of(node)
    expect((await api.get('/events')).status).toBe(503)
    const closed = listeners.map(({ response }) => new Promise(resolve => response.once('close', resolve)))
    listeners[0]?.response.destroy()
    await eventually(async () => {
      const { response } = await listen(node)
      response.destroy()
      return response.statusCode
    }).toBe(200)
    await node.connector.stop()
    await Promise.all(closed)
  })

  it('drop a listener who doesn’t read, and go on for the others', async () => {
    const readBalance = async () => ({ balance: 0n, heldOut: 0n, heldIn: 0n })
    const events = createEvents({ accounts: { get: () => undefined }, readBalance })
    const ends: ServerResponse[] = []
    const server = createServer((_, response) => {
      ends.push(response)
      events.listen(response)
    })
    onTestFinished(() => void server.close())
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const [slow, quick] = [await open(url), await open(url)]
    slow.pause()
    const chunks: Buffer[] = []
    quick.on('data', (chunk: Buffer) => void chunks.push(chunk))
    const heard = () => Buffer.concat(chunks).toString().split('event: alert').length - 1
    let told = 0
    while (!ends[0]?.destroyed) {
      events.alert('x'.repeat(16_384), 'bob')
      told += 1
      if (ends[1]?.writableNeedDrain) await once(ends[1], 'drain')
    }
    events.alert('the last', undefined)
    await eventually(heard).toBe(told + 1)
    expect(ends[1]?.destroyed).toBe(false)
    quick.destroy()
  })
})
