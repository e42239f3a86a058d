import { setTimeout as sleep } from 'node:timers/promises'
import { accountId } from '@ilp/service-core'
import { createRedisStore } from '@ilp/store-redis'
import { createSecrets } from '@ilp/store-traits'
import { redisProcess } from '@ilp/test-servers'
import { Random } from './random.js'

/** What a Redis server lost of the commits that it had acknowledged when it was killed. */
export interface EverysecLosses {
  readonly appendFsync: 'everysec' | 'always'
  readonly kills: number
  readonly acknowledged: number
  /** Kills that cost anything. */
  readonly killsWithLoss: number
  readonly lost: number
  readonly lostMax: number
  /** How long before the kill the first of the lost ones was acknowledged, at most. */
  readonly lostMsMax: number
  /** Commits that were acknowledged in the second before a kill, at most: about what a power cut would have taken. */
  readonly lastSecondMax: number
}

const WRITERS = 8
/** How often `everysec` flushes, when the disk keeps up. */
const FLUSH_MS = 1_000
const KILL_MS = [50, 2_500] as const
const asset = { code: 'USD', scale: 9 }
const FROM = { id: accountId('from'), asset }
const TO = { id: accountId('to'), asset }

/** Commits one unit at a time from several sides, kills the server in the middle of it, and looks at what it knows then. */
export async function measureLosses(
  appendFsync: 'everysec' | 'always',
  kills: number,
  seed: string,
): Promise<EverysecLosses> {
  const random = new Random(`${seed} ${appendFsync}`)
  await using server = await redisProcess({ appendFsync })
  let known = 0n
  let acknowledged = 0
  let lastSecondMax = 0
  const losses: { readonly count: number; readonly ms: number }[] = []
  for (let kill = 0; kill < kills; kill++) {
    const acks = await commitUntilKilled(server.url, async () => {
      await sleep(random.between(...KILL_MS))
      await server.kill()
    })
    const killedMs = acks.at(-1) ?? 0
    lastSecondMax = Math.max(lastSecondMax, acks.filter(ms => ms > killedMs - FLUSH_MS).length)
    await server.restart()
    const balance = await balanceAt(server.url)
    const count = Math.max(0, acks.length - Number(balance - known))
    known = balance
    acknowledged += acks.length
    losses.push({ count, ms: count === 0 ? 0 : killedMs - (acks[acks.length - count] ?? 0) })
  }
  const some = losses.filter(({ count }) => count > 0)
  return {
    appendFsync,
    kills,
    acknowledged,
    killsWithLoss: some.length,
    lost: some.reduce((sum, { count }) => sum + count, 0),
    lostMax: Math.max(0, ...some.map(({ count }) => count)),
    lostMsMax: Math.round(Math.max(0, ...some.map(({ ms }) => ms))),
    lastSecondMax,
  }
}

const storeAt = (url: string) =>
  createRedisStore({ connection: url, secrets: createSecrets(new Uint8Array(32)) }, { timeoutMs: 10_000 })

/** Returns when each commit was acknowledged, in that order. */
async function commitUntilKilled(url: string, kill: () => Promise<void>): Promise<readonly number[]> {
  await using store = storeAt(url)
  await store.start()
  const acks: number[] = []
  const write = async () => {
    const transfer = { from: FROM, incomingAmount: 1n, to: TO, amount: 1n }
    try {
      const session = await store.ledger.openSession({ leaseMs: 60_000, holdMaxMs: 60_000 })
      for (let seq = 1; ; seq++) {
        await store.ledger.apply(session, seq, [{ kind: 'commit', transfer }])
        acks.push(performance.now())
      }
    } catch {
      // The server is gone.
    }
  }
  const writing = Promise.all(Array.from({ length: WRITERS }, write))
  await kill()
  await writing
  return acks
}

async function balanceAt(url: string): Promise<bigint> {
  await using store = storeAt(url)
  await store.start()
  const { balance } = await store.ledger.readBalance(TO.id)
  return balance
}
