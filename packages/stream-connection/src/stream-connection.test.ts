import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { connected, readAll, writeAll } from '../test/ends.js'
import { CLIENT_ASSET, net, SERVER_ASSET } from '../test/net.js'
import type { Stream } from './index.js'

describe('a connection', () => {
  it('tells both ends of each other, and finds out the path', async () => {
    const path = net({ rate: units => (units * 2n) / 5n, maxPacketAmount: 123_456n })
    const { client, server } = await connected(path, { terms: { tag: 'invoice 7' } })
    expect(client).toMatchObject({ isServer: false, asset: CLIENT_ASSET, peerAsset: SERVER_ASSET })
    expect(client.maxPacketAmount).toBe(123_456n)
    expect(Number(client.rate?.delivered) / Number(client.rate?.sent)).toBeCloseTo(0.4, 4)
    expect(server).toMatchObject({
      isServer: true,
      asset: SERVER_ASSET,
      peerAsset: CLIENT_ASSET,
      tag: 'invoice 7',
    })
    expect(server.peerAddress).toBe(client.address)
    await client.close()
    expect(await server.closed).toBeUndefined()
  })

  it('carries money one way, to the unit', async () => {
    const path = net({ maxPacketAmount: 1_000n })
    const { client, server } = await connected(path, { server: { receiveMax: 10n ** 9n } })
    const stream = client.createStream()
    await stream.sendTotal(54_321n)
    expect([stream.totalSent, client.totalSent, client.totalDelivered]).toEqual([54_321n, 54_321n, 54_321n])
    expect(server.totalReceived).toBe(54_321n)
    await client.close()
  })

  it('carries money and data both ways at once', async () => {
    const there = randomBytes(300_000)
    const back = randomBytes(200_000)
    const path = net({ maxPacketAmount: 777n }, { maxPacketAmount: 333n, rate: units => units * 2n })
    let answered: Promise<unknown> = Promise.resolve()
    const got: Buffer[] = []
    const { client, server } = await connected(path, {
      client: { receiveMax: 10n ** 9n },
      server: { receiveMax: 10n ** 9n },
      onStream: stream => {
        const writer = stream.writable.getWriter()
        answered = Promise.all([
          stream.sendTotal(5_000n),
          writer.write(back),
          (async () => {
            for await (const chunk of stream.readable) got.push(Buffer.from(chunk))
          })(),
        ])
      },
    })
    const stream = client.createStream()
    const writer = stream.writable.getWriter()
    const reader = stream.readable.getReader()
    const mine: Buffer[] = []
    const reads = (async () => {
      let length = 0
      while (length < back.length) {
        const { value } = await reader.read()
        if (!value) return
        length += value.length
        mine.push(Buffer.from(value))
      }
    })()
    await Promise.all([writer.write(there), stream.sendTotal(20_000n), stream.receiveTotal(10_000n), reads])
    await client.close()
    await answered
    expect(Buffer.concat(mine).equals(back)).toBe(true)
    expect(Buffer.concat(got).equals(there)).toBe(true)
    expect([server.totalReceived, client.totalReceived]).toEqual([20_000n, 10_000n])
    expect([server.totalSent, server.totalDelivered]).toEqual([5_000n, 10_000n])
  })

  it('carries data of a client that can not receive packets', async () => {
    const streams: Stream[] = []
    const { client } = await connected(net({}, {}, { canReceive: false }), { onStream: s => streams.push(s) })
    const bytes = randomBytes(150_000)
    const written = writeAll(client.createStream(), bytes)
    await expect.poll(() => streams.length, { interval: 1 }).toBe(1)
    expect((await readAll(streams[0] as Stream)).equals(bytes)).toBe(true)
    await written
    await client.close()
  })
})
