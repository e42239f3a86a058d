import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { freePorts } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type RunningCommand, startCommand } from './support/command.js'
import { startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { tokenOf } from './support/face.js'
import { HeldPackets, outcome, send } from './support/packets.js'
import { credentialsOf, payByStream } from './support/payments.js'
import { account, dialled, local } from './support/settings.js'

/** Far more than an answer at once takes, less than the 10 s that a link may take to open and the 30 s that packets have. */
const AT_ONCE_MS = 9_000

const startFar = (listen: string): Promise<RunningCommand> =>
  startCommand({
    ilpAddress: 'test.far',
    listen,
    accounts: [account('near', { relation: 'peer' }), local('alice'), account('shop')],
  })

describe('a peer that dies', () => {
  it.each(['btp', 'http'])('over %s: packets get T01 at once, and flow again when it is back', async link => {
    const far = await startFar('127.0.0.1:0')
    const near = await startConnector({
      ilpAddress: 'test.near',
      accounts: [
        account('payer'),
        account('far', {
          relation: 'peer',
          ilpAddress: 'test.far',
          http: undefined,
          btp: undefined,
          [link]: dialled(link === 'btp' ? far.btpUrl() : far.ilpUrl(), tokenOf('near')),
        }),
      ],
    })
    if (link === 'btp') await near.linkUp('far')
    const credentials = await credentialsOf(far, 'alice')
    await payByStream(await near.plugin('payer'), credentials, 1_000n)

    const payer = await near.plugin('payer')
    const shop = new HeldPackets(await far.plugin('shop'))
    const held = [send(payer, 'test.far.shop', 3n), send(payer, 'test.far.shop', 4n)]
    await shop.take(held.length)
    const killedAtMs = performance.now()
    far.signal('SIGKILL')
    expect((await Promise.all(held)).map(outcome)).toEqual(['T01', 'T01'])
    await far.ended()
    expect(outcome(await send(payer, 'test.far.shop', 5n))).toBe('T01')
    expect(performance.now() - killedAtMs).toBeLessThan(AT_ONCE_MS)
    await eventually(() => near.balance('far')).toEqual({ balance: 1_000n, heldOut: 0n, heldIn: 0n })

    await startFar(new URL(far.url).host)
    if (link === 'btp') await near.linkUp('far', 2)
    await payByStream(await near.plugin('payer'), credentials, 500n)
    expect(await near.balances('far', 'payer')).toEqual({ far: 1_500n, payer: -1_500n })
  })
})

describe('a peer that can not be reached at the start', () => {
  it.each([
    ['is down', async () => `127.0.0.1:${(await freePorts(1))[0]}`],
    ['takes connections and says nothing', silentServer],
  ])('delays nobody when it %s', async (_, start) => {
    const url = `ws://${await start()}/btp`
    const begunMs = performance.now()
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [
        account('lost', { http: undefined, btp: dialled(url, 'token') }),
        account('bob'),
        local('alice'),
      ],
    })
    const bob = await node.plugin('bob')
    expect(outcome(await send(bob, 'test.node.lost', 1n))).toBe('T01')
    await payByStream(bob, await credentialsOf(node, 'alice'), 100n)
    await node.connector.stop()
    expect(performance.now() - begunMs).toBeLessThan(AT_ONCE_MS)
  })
})

async function silentServer(): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer(socket => void sockets.push(socket.on('error', () => {}))).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
