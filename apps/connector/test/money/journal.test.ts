import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountId, isFulfill, type Prepare } from '@ilp/service-core'
import { recordingLogger, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { createMemoryBackend, createMemoryStore } from '@ilp/store-memory'
import { describe, expect, test } from 'vitest'
import type { ConnectorAccount } from '../../src/account.js'
import { checkConfig, createConnector } from '../../src/index.js'
import { BtpPeer } from '../peers/btp-peer.js'
import { eventually } from '../peers/eventually.js'
import { tokenOf } from '../support/face.js'
import { account, settings } from '../support/settings.js'
import { createUnsteadyStore, type Reach, SECRETS } from './unsteady-store.js'

/** How long a packet has, and how long before its end a Fulfill is relayed at the latest. */
const TIME_MS = 3_000
const MARGIN_MS = 500
/** Packets that are on their way when the store goes; every fourth is rejected. */
const PACKETS = 200

/** What outlives a process: the books, and the folder of its journal. */
interface World {
  readonly backend: ReturnType<typeof createMemoryBackend<ConnectorAccount>>
  readonly folder: string
  /** Is done when the test is over. */
  readonly finally: (end: () => Promise<unknown>) => void
}

async function createWorld(onTestFinished: (end: () => Promise<void>) => void): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'ilp-connector-'))
  const world: World = {
    backend: createMemoryBackend(),
    folder,
    finally: end => {
      onTestFinished(async () => void (await end()))
    },
  }
  world.finally(() => rm(folder, { recursive: true }))
  return world
}

/** A process' worth of objects: a connector with its own way to the store, and its journal in this folder. */
async function startNode({ backend, finally: after }: World, journalDir: string) {
  const logger = recordingLogger()
  const store = createUnsteadyStore(backend, logger)
  const config = settings({
    ilpAddress: 'test.node',
    journalDir,
    expiry: { minMessageWindowMs: 2 * MARGIN_MS },
    accounts: [account('payer'), account('payee', { asset: { code: 'USD', scale: 6 } })],
  })
  const connector = createConnector(checkConfig(config), { logger, store })
  await connector.start()
  after(() => connector.stop())
  return { connector, store, logger }
}

/** The books themselves, whatever the ways to them. */
async function books({ backend }: World) {
  const store = createMemoryStore({ secrets: SECRETS, backend })
  await store.start()
  const [payer, payee] = ['payer', 'payee'].map(name => store.ledger.readBalance(accountId(name)))
  const positions = await store.ledger.readPositions()
  const read = { payer: await payer, payee: await payee, positions: positions.map(({ balance }) => balance) }
  await store.stop()
  return read
}

async function open(world: World, url: string, username: string): Promise<BtpPeer> {
  const peer = await BtpPeer.open(url, { token: tokenOf(username) })
  world.finally(() => peer.cut())
  return peer
}

/** The commits that are in the journal of this folder. */
async function journaled(directory: string): Promise<number> {
  const lines = (await readFile(join(directory, 'journal.jsonl'), 'utf8')).trim().split('\n')
  const entries = lines.map(line => (JSON.parse(line) as [string, { commits?: object[] }])[1])
  return entries.reduce((sum, { commits = [] }) => sum + commits.length, 0)
}

const payment = (units: bigint, timeMs = 30_000): Prepare =>
  testPrepare({ units, expiresAt: new Date(Date.now() + timeMs), destination: 'test.node.payee' })

interface Answer {
  readonly units: bigint
  readonly outcome: string
  /** Milliseconds before the deadline. */
  readonly leftMs: number
}

/** Packets that are held by the payee, and what the payer hears of them. */
async function packetsOnTheWay(world: World, url: string) {
  const [payer, payee] = [await open(world, url, 'payer'), await open(world, url, 'payee')]
  const held: { readonly prepare: Prepare; readonly id: number }[] = []
  payee.onPrepare = (prepare, id) => void held.push({ prepare, id })
  const answers = Array.from({ length: PACKETS }, async (_, i): Promise<Answer> => {
    const units = 1_000n * BigInt(i + 1)
    const prepare = payment(units, TIME_MS)
    const reply = await payer.send(prepare)
    const outcome = isFulfill(reply) ? 'fulfilled' : reply.code
    return { units, outcome, leftMs: prepare.expiresAtMs - Date.now() }
  })
  await eventually(() => expect(held).toHaveLength(PACKETS))
  const end = () => {
    held.forEach(({ id }, i) => {
      payee.respond(id, i % 4 === 3 ? testReject() : testFulfill())
    })
  }
  return { payer, payee, answers, end }
}

/** Sends packets, takes the store away, and has the packets end: what has become of them by their deadline. */
async function loseTheStore(world: World, reach: Reach) {
  const node = await startNode(world, world.folder)
  const { payer, payee, answers, end } = await packetsOnTheWay(world, node.connector.url())
  node.store.reach = reach
  end()
  const heard = await Promise.all(answers)
  const fulfilled = heard.filter(({ outcome }) => outcome === 'fulfilled')
  const sum = fulfilled.reduce((total, { units }) => total + units, 0n)
  return { ...node, payer, payee, heard, fulfilled, sum }
}

/** The books after all these Fulfills: each is in them once, and nothing is held. */
const booked = (sum: bigint) => {
  const idle = { heldOut: 0n, heldIn: 0n }
  return {
    payer: { balance: -sum, ...idle },
    payee: { balance: sum / 1_000n, ...idle },
    positions: [-sum / 1_000n, sum],
  }
}

const health = async (adminUrl: string | undefined): Promise<number> =>
  (await fetch(`${adminUrl}/health`)).status

/** Gives the store back, and resolves when a packet of this many units is fulfilled again. */
async function recover({ store, payer, payee }: Awaited<ReturnType<typeof loseTheStore>>, units: bigint) {
  payee.onPrepare = (_, id) => payee.respond(id, testFulfill())
  store.reach = 'open'
  await eventually(async () => expect(isFulfill(await payer.send(payment(units)))).toBe(true))
}

describe.concurrent.each<[string, Reach]>([
  ['does not get what it is asked', 'refused'],
  ['does what it is asked, and does not get to say so', 'lost'],
])('while the store %s', (_, reach) => {
  test('rejects are relayed at once and Fulfills at the margin, and each is booked once when it is back', async ({
    onTestFinished,
  }) => {
    const world = await createWorld(onTestFinished)
    const node = await loseTheStore(world, reach)
    const { connector, logger, payer, heard, fulfilled, sum } = node
    expect(fulfilled).toHaveLength((PACKETS / 4) * 3)
    for (const { leftMs } of fulfilled) {
      expect(leftMs).toBeLessThanOrEqual(MARGIN_MS)
      expect(leftMs).toBeGreaterThan(0)
    }
    for (const { outcome, leftMs } of heard.filter(({ outcome }) => outcome !== 'fulfilled')) {
      expect(outcome).toBe('F99')
      expect(leftMs).toBeGreaterThan(MARGIN_MS)
    }
    expect(await journaled(world.folder)).toBe(fulfilled.length)
    expect(await payer.send(payment(1_000n))).toMatchObject({ code: 'T00' })
    expect(await health(connector.adminUrl())).toBe(503)

    await recover(node, 7_000n)
    await eventually(async () => expect(await books(world)).toEqual(booked(sum + 7_000n)))
    await eventually(async () => expect(await journaled(world.folder)).toBe(0))
    expect(await health(connector.adminUrl())).toBe(200)
    expect(logger.entries.filter(({ message }) => message.includes('not booked'))).toEqual([])
  })

  test('and the process dies, the next one books each once, also when the first one was not dead', async ({
    onTestFinished,
  }) => {
    const world = await createWorld(onTestFinished)
    const { folder } = world
    const node = await loseTheStore(world, reach)
    const { fulfilled, sum } = node
    expect(fulfilled).toHaveLength((PACKETS / 4) * 3)
    // What a disk has when its process is gone: all but the lock.
    const left = join(folder, 'left')
    await mkdir(left)
    await copyFile(join(folder, 'journal.jsonl'), join(left, 'journal.jsonl'))

    const next = await startNode(world, left)
    expect(await books(world)).toEqual(booked(sum))
    expect(await journaled(left)).toBe(0)

    await recover(node, 7_000n)
    await eventually(async () => expect(await journaled(folder)).toBe(0))
    await eventually(async () => expect(await books(world)).toEqual(booked(sum + 7_000n)))

    const payer = await open(world, next.connector.url(), 'payer')
    const payee = await open(world, next.connector.url(), 'payee')
    payee.onPrepare = (_, id) => payee.respond(id, testFulfill())
    expect(isFulfill(await payer.send(payment(5_000n)))).toBe(true)
    expect(await books(world)).toEqual(booked(sum + 12_000n))
  })
})
