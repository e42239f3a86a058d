import { deepEqual, equal, ok } from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '@ilp/store-traits'
import type { Child } from '@ilp/test-peers'
import { persist, SHORT } from './given.js'
import { answer, balanceOf, isReleased, kill, type Scene } from './scene.js'

interface Counts {
  readonly booked: number
  readonly other: number
}

const start = (scene: Scene, name: string) => scene.run('payer', /pays/, name)

/** A sign that it has paid since. */
async function pays(store: Store, name: string): Promise<void> {
  const { balance } = await balanceOf(store, name)
  await persist(async () => ok((await balanceOf(store, name)).balance < balance))
}

/** Ends it; what it says was booked is what the store has. */
async function finish(store: Store, child: Child, name: string): Promise<void> {
  // A lease this short may run out on a busy machine: then some are refused, and what is booked is booked all the same.
  const { booked, other } = JSON.parse(await answer(child, /result (.*)\./)) as Counts
  equal(other, 0)
  equal((await balanceOf(store, name)).balance, -2n * BigInt(booked))
}

async function isBalanced(store: Store, names: readonly string[]): Promise<void> {
  let sum = 0n
  for (const name of [...names, 'shared']) {
    const { balance, heldOut, heldIn } = await balanceOf(store, name)
    deepEqual([name, heldOut, heldIn], [name, 0n, 0n])
    sum += balance
  }
  const [position] = await store.ledger.readPositions()
  equal(sum + (position?.balance ?? 0n), 0n)
}

export const payerCases = {
  'several processes pay on one store, one is killed, and nothing is lost or held for good': async (
    scene: Scene,
  ) => {
    const store = await scene.open()
    const names = ['one', 'other', 'killed'] as const
    const [one, other, killed] = await Promise.all([
      start(scene, names[0]),
      start(scene, names[1]),
      start(scene, names[2]),
    ])
    await pays(store, 'killed')
    await kill(killed)
    ok((await balanceOf(store, 'killed')).heldOut <= 100n)
    // Those that live on give back what it held.
    await isReleased(store, 'killed')
    await finish(store, one, 'one')
    await finish(store, other, 'other')
    await isBalanced(store, names)
  },

  'a process that is paused past its lease books what it owes and goes on with a new session': async (
    scene: Scene,
  ) => {
    const store = await scene.open()
    const [paused, other] = await Promise.all([start(scene, 'paused'), start(scene, 'other')])
    await pays(store, 'paused')
    paused.process.kill('SIGSTOP')
    ok((await balanceOf(store, 'paused')).heldOut <= 100n)
    await sleep(SHORT.leaseMs + SHORT.holdMaxMs)
    // The other one notices, and ends the session.
    await isReleased(store, 'paused')
    paused.process.kill('SIGCONT')
    await pays(store, 'paused')
    await finish(store, other, 'other')
    await finish(store, paused, 'paused')
    await isBalanced(store, ['paused', 'other'])
  },
}
