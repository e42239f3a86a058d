import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IlpConnector, runBtpLoad, startIlpConnector } from '../src/index.js'

const asset = { code: 'USD', scale: 9 }

describe('runBtpLoad', () => {
  let connector: IlpConnector
  const through = () => ({
    sender: { url: connector.url('alice'), token: 'of-alice' },
    receiver: { url: connector.url('bob'), token: 'of-bob', username: 'bob' },
    destination: 'test.npm.bob.shop',
  })
  const owedByAlice = async () => {
    const { alice } = await connector.balances()
    return alice!
  }

  beforeAll(async () => {
    connector = await startIlpConnector({
      address: 'test.npm',
      accounts: {
        alice: { relation: 'child', asset, btp: { listen: { token: 'of-alice' } } },
        carol: {
          relation: 'child',
          asset,
          btp: { listen: { token: 'of-carol' } },
          balance: { maximum: 50n },
        },
        bob: { relation: 'child', asset, btp: { listen: { token: 'of-bob' } } },
      },
    })
  })
  afterAll(() => connector.stop())

  it('sends so many packets through a connector, which books each of them once', async () => {
    const cpuPid = connector.process.pid!
    const result = await runBtpLoad({ ...through(), amount: 2n, window: 30, packets: 200, cpuPid })
    expect(result).toMatchObject({ sent: 200, fulfilled: 200, rejected: {}, delivered: 200, packets: 200 })
    expect(await connector.balances()).toEqual({ alice: 400n, bob: -400n, carol: 0n })
    expect(result.packetsPerSecond).toBeCloseTo((200 / result.durationMs) * 1_000, -1)
    const { p50, p90, p99, max } = result.latencyMs
    expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].toSorted((a, b) => a - b))
    expect(p50).toBeGreaterThan(0)
    expect(max).toBeLessThanOrEqual(result.durationMs * 1.01)
    expect(result.cpuMicrosPerPacket).toBeGreaterThanOrEqual(0)
  })

  it('measures for so long after a warm-up', async () => {
    const before = await owedByAlice()
    const result = await runBtpLoad({
      ...through(),
      window: 1,
      warmupMs: 100,
      durationMs: 100,
      busyPoll: true,
    })
    expect(result.durationMs).toBeGreaterThanOrEqual(100)
    expect(result.packets).toBeLessThan(result.sent)
    expect(result).toMatchObject({ fulfilled: result.sent, delivered: result.sent })
    expect((await owedByAlice()) - before).toBe(BigInt(result.sent))
  })

  it('counts rejects by their code', async () => {
    const sender = { url: connector.url('carol'), token: 'of-carol' }
    const limited = await runBtpLoad({ ...through(), sender, window: 5, packets: 80 })
    expect(limited).toMatchObject({ sent: 80, fulfilled: 50, rejected: { T04: 30 }, delivered: 50 })
    const lost = await runBtpLoad({ ...through(), destination: 'test.nowhere', window: 5, packets: 20 })
    expect(lost).toMatchObject({ sent: 20, fulfilled: 0, rejected: { F02: 20 }, delivered: 0 })
  })

  it('fails when a token is refused', async () => {
    const wrong = { ...through(), sender: { url: connector.url('alice'), token: 'wrong' } }
    await expect(runBtpLoad({ ...wrong, window: 1, packets: 1 })).rejects.toThrow('refused the token')
  })

  it('fails when the connector goes away', async () => {
    const load = runBtpLoad({ ...through(), window: 10, durationMs: 60_000 })
    const failed = expect(load).rejects.toThrow(/closed|ECONNRESET/)
    const before = await owedByAlice()
    await expect.poll(owedByAlice, { timeout: 30_000 }).not.toBe(before)
    await connector.stop()
    await failed
  })
})
