import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { accountId } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import { type Child, startProgram } from '@ilp/test-peers'
import { type RedisServer, redisServer } from '@ilp/test-servers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { persist, Stores } from './given.js'

const payer = fileURLToPath(new URL('./fixtures/payer.ts', import.meta.url))
const stores = new Stores()
const children: Child[] = []
let server: RedisServer
let store: Store

beforeEach(async () => {
  server = await redisServer()
  store = await stores.open(server.url, { prefix: server.prefix })
})
afterEach(async () => {
  await Promise.all(children.splice(0).map(child => child.stop()))
  await stores.stop()
  await server.stop()
})

interface Counts {
  readonly booked: number
  readonly other: number
}

async function start(name: string): Promise<Child> {
  const child = startProgram(payer, [server.url, server.prefix, name])
  children.push(child)
  await child.printed(/pays/, 20_000)
  return child
}

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
