import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { accountId } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import { type Child, startProgram } from '@ilp/test-peers'
import { type PostgresServer, postgresServer, tcpProxy } from '@ilp/test-servers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ALICE, BOB, commit, LONG, persist, reserve, Stores } from './given.js'

const stores = new Stores()
const children: Child[] = []
let server: PostgresServer
let url: string
let store: Store

beforeAll(async () => {
  server = await postgresServer()
})
afterAll(() => server?.stop())
beforeEach(async () => {
  url = await server.createDatabase()
  store = await stores.open(url)
})
afterEach(async () => {
  await Promise.all(children.splice(0).map(child => child.stop()))
  await stores.stop()
})

interface Counts {
  readonly booked: number
  readonly other: number
}

/** Runs one of the fixtures until it has printed this. */
async function run(fixture: string, printed: RegExp, argument: string, through = url): Promise<Child> {
  const path = fileURLToPath(new URL(`./fixtures/${fixture}.ts`, import.meta.url))
  const child = startProgram(path, [through, 'ilp', argument])
  children.push(child)
  await child.printed(printed, 20_000)
  return child
}

const start = (name: string) => run('payer', /pays/, name)

async function finish(child: Child): Promise<Counts> {
  child.process.send('stop')
  const [, counts = ''] = await child.printed(/result (.*)\./, 20_000)
  return JSON.parse(counts) as Counts
}

const balanceOf = (name: string) => store.ledger.readBalance(accountId(name))

/** A sign that it has paid since. */
async function pays(name: string): Promise<void> {
  const { balance } = await balanceOf(name)
  await persist(async () => expect((await balanceOf(name)).balance).toBeLessThan(balance))
}

async function expectBalanced(names: readonly string[]): Promise<void> {
  let sum = 0n
  for (const name of [...names, 'shared']) {
    const { balance, heldOut, heldIn } = await balanceOf(name)
    expect([name, heldOut, heldIn]).toEqual([name, 0n, 0n])
    sum += balance
  }
  const [position] = await store.ledger.readPositions()
  expect(sum + (position?.balance ?? 0n)).toBe(0n)
}

it('several processes pay on one store, one is killed, and nothing is lost or held for good', async () => {
  const [one, other, killed] = [await start('one'), await start('other'), await start('killed')]
  await pays('killed')
  killed.process.kill('SIGKILL')
  await killed.exited
  const { heldOut } = await balanceOf('killed')
  expect(heldOut).toBeLessThanOrEqual(100n)
  // Those that live on give back what it held.
  await persist(async () => expect((await balanceOf('killed')).heldOut).toBe(0n))
  for (const [name, child] of [
    ['one', one],
    ['other', other],
  ] as const) {
    // A lease this short may run out on a busy machine: then some are refused, and what is booked is booked all the same.
    const { booked, other: left } = await finish(child)
    expect(left).toBe(0)
    expect((await balanceOf(name)).balance).toBe(-2n * BigInt(booked))
  }
  await expectBalanced(['one', 'other', 'killed'])
})

it('a process that is paused past its lease books what it owes and goes on with a new session', async () => {
  const [paused, other] = [await start('paused'), await start('other')]
  await pays('paused')
  paused.process.kill('SIGSTOP')
  const { heldOut } = await balanceOf('paused')
  await sleep(300 + 300)
  // The other one notices, and ends the session.
  await persist(async () => expect((await balanceOf('paused')).heldOut).toBe(0n))
  paused.process.kill('SIGCONT')
  await pays('paused')
  await finish(other)
  const { booked, other: left } = await finish(paused)
  expect(left).toBe(0)
  expect(heldOut).toBeLessThanOrEqual(100n)
  expect((await balanceOf('paused')).balance).toBe(-2n * BigInt(booked))
  await expectBalanced(['paused', 'other'])
})

describe('a process that is paused past its lease in the middle of a commit', () => {
  it.each([
    ['before it is sent, books it without its hold, across a limit, and says so', 'unsent', 1],
    ['when it has been sent, reads that it is booked', 'sent', 0],
  ])('%s', async (_, moment, alerts) => {
    const child = await run('pauser', /stops\./, moment)
    const strict = { ...ALICE, minBalance: -3n }
    await persist(async () => expect(await store.ledger.endExpiredSessions()).toHaveLength(1))
    const before = await balanceOf('alice')
    expect(before).toEqual({ balance: alerts ? 0n : -3n, heldOut: 0n, heldIn: 0n })
    if (alerts) {
      // Another process takes what the limit leaves.
      const session = await store.ledger.openSession(LONG)
      const transfer = { from: strict, incomingAmount: 3n, to: BOB, amount: 2n }
      const steps = [{ ...reserve, transfer }, commit, { ...reserve, transfer }]
      expect(await store.ledger.apply(session, 1, steps)).toEqual(['done', 'done', 'below-minimum'])
    }
    child.process.kill('SIGCONT')
    const [, result = ''] = await child.printed(/result (.*)\./, 20_000)
    expect(JSON.parse(result)).toEqual({
      results: ['booked', 'booked'],
      alerts: Array.from({ length: alerts }, () => expect.stringContaining('without its hold')),
    })
    const payments = 2n + BigInt(alerts)
    expect(await balanceOf('alice')).toEqual({ balance: -3n * payments, heldOut: 0n, heldIn: 0n })
    expect(await balanceOf('bob')).toEqual({ balance: 2n * payments, heldOut: 0n, heldIn: 0n })
    expect(await store.ledger.readPositions()).toMatchObject([{ balance: payments }])
  })
})

it('of several that notice the same dead process one ends its session, and its holds are given back once', async () => {
  const others = await Promise.all(Array.from({ length: 4 }, () => stores.open(url)))
  const live = await store.ledger.openSession(LONG)
  await store.ledger.apply(live, 1, [reserve])
  const dead = await run('pauser', /stops\./, 'unsent')
  dead.process.kill('SIGKILL')
  await dead.exited
  expect(await balanceOf('alice')).toEqual({ balance: 0n, heldOut: 6n, heldIn: 0n })
  let noticed = 0
  await persist(async () => {
    const ended = await Promise.all(others.map(({ ledger }) => ledger.endExpiredSessions()))
    noticed += ended.flat().length
    expect(noticed).toBeGreaterThan(0)
  })
  expect(noticed).toBe(1)
  expect(await balanceOf('alice')).toEqual({ balance: 0n, heldOut: 3n, heldIn: 0n })
  expect(await balanceOf('bob')).toEqual({ balance: 0n, heldOut: 0n, heldIn: 2n })
})

describe('a restart on the same journal', () => {
  it.each([
    ['that the server did not get', { toServer: 0 }],
    ['that the server applied without its answer being heard', { toClient: 0 }],
  ])('books a commit %s once, and gives back at once what was held', async (_, point) => {
    const directory = await mkdtemp(join(tmpdir(), 'ilp-store-postgres-'))
    const proxy = await tcpProxy(url)
    try {
      const first = await run('journaler', /holds\./, directory, proxy.url)
      expect(await balanceOf('alice')).toEqual({ balance: 0n, heldOut: 6n, heldIn: 0n })
      const cut = proxy.cutAt(point)
      proxy.refuse(true)
      first.process.send('commit')
      await cut
      await first.printed(/journaled\./, 20_000)
      first.process.kill('SIGKILL')
      await first.exited
      for (let restarts = 1; restarts <= 2; restarts++) {
        // Each holds as much again, under a session of its own.
        const next = await run('journaler', /holds\./, directory)
        await persist(async () =>
          expect(await balanceOf('alice')).toEqual({ balance: -3n, heldOut: 6n, heldIn: 0n }),
        )
        next.process.kill('SIGKILL')
        await next.exited
      }
      expect((await balanceOf('bob')).balance).toBe(2n)
    } finally {
      await proxy.stop()
      await rm(directory, { recursive: true })
    }
  })
})

it('what 64 ask for with one key over four processes happens once, and all are answered alike', async () => {
  await store.adjustments.adjust({ key: 'funds', account: BOB, amount: 2n ** 80n, reason: 'funds' })
  const askers = await Promise.all(Array.from({ length: 4 }, () => run('asker', /ready\./, '16')))
  const answers = askers.map(async asker => {
    asker.process.send('go')
    const [, text = ''] = await asker.printed(/answers (.*)\./, 20_000)
    return JSON.parse(text) as string[]
  })
  const all = (await Promise.all(answers)).flat()
  expect(all).toHaveLength(64)
  const [settlement, ...others] = await store.settlements.readOutbox()
  expect(others).toEqual([])
  expect(new Set(all)).toEqual(new Set([`123 posted ${settlement?.key} ${2n ** 80n - 1n}`]))
  expect((await balanceOf('alice')).balance).toBe(123n - 2n ** 80n)
  expect((await balanceOf('bob')).balance).toBe(1n)
  expect(await store.adjustments.read(ALICE.id)).toHaveLength(1)
  expect(await store.ledger.readPositions()).toEqual([
    { asset: ALICE.asset, balance: 0n, settled: 2n ** 80n - 1n - 123n, adjusted: 0n },
  ])
})
