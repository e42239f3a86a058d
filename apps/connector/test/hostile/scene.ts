import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PacketBytes } from '@ilp/btp-packet'
import { isFulfill, type Prepare } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { startProgram } from '@ilp/test-peers'
import { expect } from 'vitest'
import { adminClient, type Books } from '../peers/admin.js'
import { BtpPeer, type OnPrepare } from '../peers/btp-peer.js'
import { eventually } from '../peers/eventually.js'
import type { VictimReply, Vitals } from './victim-process.js'

const ADMIN_TOKEN = 'admin'
/** Lines, beside those for debugging, that a batch of bad input may leave in the log. */
const LINES_MAX = 10
const USD = { code: 'USD', scale: 9 }

export const btpToken = (username: string): string => `${username}-btp`
export const httpToken = (username: string): string => `${username}-http`

/** What a child's account is unless the test says otherwise: credit without an end in practice. */
export const child = (username: string, settings: object = {}) => ({
  username,
  relation: 'child',
  asset: USD,
  minBalance: `-${2n ** 80n}`,
  http: { incomingTokens: [httpToken(username)] },
  btp: { incomingTokens: [btpToken(username)] },
  ...settings,
})

/** A connector in a process of its own, and who behaves well beside the ones that don't. `remember` comes first. */
export interface Scene {
  readonly url: string
  readonly port: number
  readonly adminPort: number
  /** Pays `receiver` now and then. */
  readonly good: BtpPeer
  /** Fulfils every packet. */
  readonly receiver: BtpPeer
  /** Rejects every packet. */
  readonly sink: BtpPeer
  readonly books: (username: string) => Promise<Books>
  /** The sum of all balances and positions. */
  readonly sum: () => Promise<bigint>
  readonly vitals: () => Promise<Vitals>
  /** A session of this account; its connection is closed with the scene. */
  readonly open: (username: string, onPrepare?: OnPrepare) => Promise<BtpPeer>
  /** Takes what is the case now for what `unharmed` has to find. */
  readonly remember: () => Promise<void>
  /**
   * Throws unless the process lives, all connections and timers that came since `remember` are gone, no balance and no
   * hold has changed, nothing was logged as an error, and a packet of the good client is fulfilled.
   */
  readonly unharmed: (exceptFor?: readonly string[]) => Promise<void>
  readonly stop: () => Promise<void>
}

export interface SceneSettings {
  /** Those beside `good`, `receiver`, `sink` and `evil`. */
  readonly accounts?: readonly { readonly username: string }[]
  readonly [setting: string]: unknown
}

/** @param settings of the configuration, in place of those here or beside them */
export async function startScene(settings: SceneSettings = {}): Promise<Scene> {
  const script = fileURLToPath(new URL('victim-process.ts', import.meta.url))
  const process = startProgram(script)
  const ended = process.exited.then(() => {
    throw new Error(`the connector's process ended:\n${process.output()}`)
  })
  ended.catch(() => {})
  const ask = async (question: object) => {
    const replied = once(process.process, 'message') as Promise<[VictimReply]>
    process.process.send(question)
    const [reply] = await Promise.race([replied, ended])
    return reply
  }

  const accounts = [
    ...['good', 'receiver', 'sink', 'evil'].map(name => child(name)),
    ...(settings.accounts ?? []),
  ]
  const started = await ask({
    ilpAddress: 'test.node',
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    adminToken: ADMIN_TOKEN,
    secretSeed: '42'.repeat(32),
    expiry: { minMessageWindowMs: 100, maxHoldMs: 5_000 },
    ...settings,
    accounts,
  })
  if (!('ready' in started)) throw new Error('the connector is not ready')
  const { url, adminUrl } = started.ready
  const admin = adminClient(adminUrl, ADMIN_TOKEN)
  const peers: BtpPeer[] = []
  const open = async (username: string, onPrepare?: OnPrepare) => {
    const peer = await BtpPeer.open(url, { token: btpToken(username) })
    if (onPrepare) peer.onPrepare = onPrepare
    peers.push(peer)
    return peer
  }
  const good = await open('good')
  const receiver = await open('receiver', (_, id, peer) => peer.respond(id, testFulfill()))
  const sink = await open('sink', (_, id, peer) => peer.respond(id, testReject()))

  const vitals = async () => {
    const reply = await ask({})
    if (!('vitals' in reply)) throw new Error('no vitals')
    return reply.vitals
  }
  const usernames = accounts.map(({ username }) => username)
  const allBooks = async () =>
    Object.fromEntries(
      await Promise.all(usernames.map(async name => [name, await admin.books(name)] as const)),
    )

  let before: Record<string, Books> = {}
  let resources: Vitals['resources'] = {}
  let lines = 0
  const remember = async () => {
    before = await allBooks()
    await eventually(async () => {
      const now = await vitals()
      ;({ resources } = now)
      lines = linesOf(now)
      expect((await vitals()).resources).toEqual(resources)
    })
  }
  const unharmed = async (exceptFor: readonly string[] = []) => {
    await eventually(async () => {
      const now = await vitals()
      const more = excess(now.resources, resources)
      expect(
        Object.keys(more).filter(kind => !exceptFor.includes(kind)),
        JSON.stringify(more),
      ).toEqual([])
      expect(now.logged.error, now.lines.join('\n')).toBe(0)
      expect(linesOf(now) - lines, now.lines.join('\n')).toBeLessThan(LINES_MAX)
      lines = linesOf(now)
    })
    expect(await allBooks()).toEqual(before)
    expect(isFulfill(await good.send(payment('receiver')))).toBe(true)
    const paid = (name: string, units: bigint) => {
      const books = before[name] as Books
      before = { ...before, [name]: { ...books, balance: books.balance + units } }
    }
    paid('good', -1n)
    paid('receiver', 1n)
    expect(await allBooks()).toEqual(before)
  }
  return {
    url,
    port: Number(new URL(url).port),
    adminPort: Number(new URL(adminUrl).port),
    good,
    receiver,
    sink,
    open,
    vitals,
    remember,
    unharmed,
    books: admin.books,
    sum: async () => {
      const all = [...Object.values(await allBooks()), ...(await admin.positions())]
      return all.reduce((sum, { balance }) => sum + balance, 0n)
    },
    stop: async () => {
      await Promise.all(peers.map(peer => peer.cut()))
      await process.stop()
    },
  }
}

/** A packet of one unit to this account. */
export const payment = (username: string, fields: Parameters<typeof testPrepare>[0] = {}): Prepare =>
  testPrepare({ units: 1n, destination: `test.node.${username}`, ...fields })

/** Bytes as a packet to put into a frame, whatever they are. */
export const packetOf = (bytes: Buffer): PacketBytes => ({
  byteLength: bytes.length,
  copyTo: (target, offset) => offset + bytes.copy(target, offset),
})

const linesOf = ({ logged }: Vitals): number => logged.info + logged.warn

/** What there is more of. */
const excess = (now: Vitals['resources'], then: Vitals['resources']) =>
  Object.fromEntries(Object.entries(now).filter(([kind, count]) => count > (then[kind] ?? 0)))
