import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { reject, silentLogger } from '@ilp/service-core'
import type { TestPathOptions } from '@ilp/service-testing'
import { verifyReceipt } from '@ilp/stream-packet'
import { streamCredentials } from '@ilp/stream-receiver'
import { describe, expect, it } from 'vitest'
import {
  type Connection,
  createConnection,
  createServer,
  type ServerOptions,
  type Stream,
} from '../src/index.js'
import { readAll, writeAll } from './ends.js'
import { CLIENT_ASSET, SERVER_ASSET } from './net.js'
import { type NpmStream, npmClient, npmServer, readAllOf } from './npm-peer.js'

/** Delays, reorders, and is overloaded now and then. npm's package gives up when a packet of its own is lost. */
const rough = (): TestPathOptions => ({
  maxPacketAmount: 1_000n,
  tellsMaximum: false,
  delayMs: () => Math.random() * 4,
  intercept: (_, index) => (index % 17 === 0 ? reject('T00', 'test.net', 'hiccup') : undefined),
})
/** Loses packets and answers as well. */
const bad = (): TestPathOptions => ({
  ...rough(),
  loses: index => index % 37 === 0,
  losesAnswer: index => index % 41 === 0,
})
const good = (): TestPathOptions => ({ maxPacketAmount: 1_000n })
/** A name, what our packets meet, and what npm's do. */
const ways: [string, () => TestPathOptions, () => TestPathOptions][] = [
  ['a good path', good, good],
  ['a bad path', bad, rough],
]

describe.each(ways)('our client with npm’s server, over %s', (_, ours, npms) => {
  const connect = async (terms?: object) => {
    const peer = await npmServer(ours(), npms(), terms)
    const { net, destinationAddress, sharedSecret } = peer
    const link = net.client
    const connection = await createConnection(
      { link, destinationAddress, sharedSecret },
      { packetTimeoutMs: 200, receiveMax: 10n ** 12n },
    )
    return { connection, theirs: await peer.connection, net }
  }

  it('sends money, and gets receipts', async () => {
    const receipts = { nonce: Buffer.alloc(16, 1), secret: Buffer.alloc(32, 2) }
    const { connection, theirs, net } = await connect({
      receiptNonce: receipts.nonce,
      receiptSecret: receipts.secret,
    })
    theirs.on('stream', (stream: NpmStream) => stream.setReceiveMax('1000000000'))
    const stream = connection.createStream()
    await stream.sendTotal(40_000n)
    // What was fulfilled too late is the path's loss.
    expect([net.up.delivered, BigInt(theirs.totalReceived)]).toEqual([40_000n, 40_000n + net.up.untold])
    expect(connection).toMatchObject({ totalSent: 40_000n, totalDelivered: 40_000n, peerAsset: SERVER_ASSET })
    const receipt = stream.receipt && verifyReceipt(stream.receipt, receipts.secret)
    expect(receipt?.totalReceived).toBeGreaterThanOrEqual(40_000n)
    await connection.close()
  })

  it('receives money on streams of either side', async () => {
    const { connection, theirs } = await connect()
    theirs.on('stream', (stream: NpmStream) => stream.setSendMax(10_000))
    connection.createStream()
    const own = theirs.createStream()
    await own.sendTotal(5_000)
    await expect.poll(() => BigInt(theirs.totalSent), { interval: 5 }).toBe(15_000n)
    expect(connection.totalReceived).toBe(15_000n)
    await connection.close()
  })

  it('writes and reads data', async () => {
    const [there, back] = [randomBytes(120_000), randomBytes(60_000)]
    const { connection, theirs } = await connect()
    const opened = once(theirs, 'stream').then(([stream]) => stream as NpmStream)
    const written = writeAll(connection.createStream(), there)
    expect((await readAllOf(await opened)).equals(there)).toBe(true)
    await written
    const stream = theirs.createStream()
    stream.write(back)
    for await (const ours of connection) {
      const reader = ours.readable.getReader()
      const chunks: Uint8Array[] = []
      let length = 0
      while (length < back.length) {
        const { value = new Uint8Array() } = await reader.read()
        chunks.push(value)
        length += value.length
      }
      expect(Buffer.concat(chunks).equals(back)).toBe(true)
      break
    }
    await connection.close()
  })
})

describe.each(ways)('npm’s client with our server, over %s', (_, ours, npms) => {
  const connect = async (options: ServerOptions = { receiveMax: 10n ** 12n }) => {
    const peer = npmClient(npms(), ours())
    const credentials = streamCredentials(Buffer.alloc(32, 7))
    const server = createServer(
      { link: peer.net.server, credentials, logger: silentLogger },
      { packetTimeoutMs: 200, ...options },
    )
    const connections: Connection[] = []
    server.on('connection', connection => connections.push(connection))
    const receipts = { nonce: Buffer.alloc(16, 1), secret: Buffer.alloc(32, 2) }
    const { destinationAccount, sharedSecret } = server.issueCredentials({ tag: 'seven', receipts })
    const theirs = await peer.connect(destinationAccount, sharedSecret)
    return { theirs, connection: connections[0] as Connection, net: peer.net, receipts }
  }

  it('receives money, tells its asset and gives receipts', async () => {
    const { theirs, connection, net, receipts } = await connect()
    const stream = theirs.createStream()
    await stream.sendTotal(40_000)
    expect(net.up.delivered + net.up.untold).toBe(40_000n)
    expect(connection).toMatchObject({ totalReceived: 40_000n, tag: 'seven', peerAsset: CLIENT_ASSET })
    expect([theirs.destinationAssetCode, theirs.destinationAssetScale]).toEqual(Object.values(SERVER_ASSET))
    expect(stream.receipt && verifyReceipt(stream.receipt, receipts.secret)?.totalReceived).toBe(40_000n)
    await connection.close()
  })

  it('raises the limit while npm’s client waits for it', async () => {
    const { theirs, connection } = await connect({ receiveMax: 0n })
    connection.on('stream', stream => void stream.receiveTotal(500n).then(() => stream.receiveTotal(3_000n)))
    await theirs.createStream().sendTotal(3_000)
    expect(connection.totalReceived).toBe(3_000n)
    await connection.close()
  })

  it('sends money on streams of either side', async () => {
    const { theirs, connection } = await connect()
    theirs.on('stream', (stream: NpmStream) => stream.setReceiveMax('1000000000'))
    const sent = new Promise<void>((resolve, fail) => {
      connection.on('stream', stream => void stream.sendTotal(9_000n).then(resolve, fail))
    })
    theirs.createStream().setReceiveMax('1000000000')
    await connection.createStream().sendTotal(6_000n)
    await sent
    expect([connection.totalSent, BigInt(theirs.totalReceived)]).toEqual([15_000n, 15_000n])
    await connection.close()
  })

  it('reads and writes data', async () => {
    // What it sends again and what is new may be more than fits in a packet of npm's: not here.
    const [there, back] = [randomBytes(30_000), randomBytes(120_000)]
    const { theirs, connection } = await connect()
    const opened = new Promise<Stream>(resolve => void connection.on('stream', resolve))
    const out = theirs.createStream()
    out.write(there)
    const reader = (await opened).readable.getReader()
    const got: Uint8Array[] = []
    let length = 0
    while (length < there.length) {
      const { value = new Uint8Array() } = await reader.read()
      got.push(value)
      length += value.length
    }
    expect(Buffer.concat(got).equals(there)).toBe(true)
    const incoming = once(theirs, 'stream').then(([stream]) => stream as NpmStream)
    const written = writeAll(connection.createStream(), back)
    expect((await readAllOf(await incoming)).equals(back)).toBe(true)
    await written
    await connection.close()
  })

  it('is closed by npm’s client', async () => {
    const { theirs, connection } = await connect()
    const opened = new Promise<Stream>(resolve => void connection.on('stream', resolve))
    const out = theirs.createStream()
    out.write(Buffer.from('bye'))
    const stream = await opened
    out.end()
    expect((await readAll(stream)).toString()).toBe('bye')
    await theirs.end()
    expect(await connection.closed).toBeUndefined()
  })
})
