import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tcpProxy } from '@ilp/test-servers'
import { ALICE, commit, LONG, persist, reserve, TRANSFER } from './given.js'
import { answer, balanceOf, kill, type Scene } from './scene.js'

/** What becomes of a commit, in the middle of which the process is paused past its lease. */
async function pauses(scene: Scene, moment: 'unsent' | 'sent'): Promise<void> {
  const store = await scene.open()
  const child = await scene.run('pauser', /stops\./, moment)
  await persist(async () => equal((await store.ledger.endExpiredSessions()).length, 1))
  const isUnsent = moment === 'unsent'
  const before = await balanceOf(store, 'alice')
  deepEqual(before, { balance: isUnsent ? 0n : -3n, heldOut: 0n, heldIn: 0n })
  if (isUnsent) {
    // Another process takes what the limit leaves.
    const session = await store.ledger.openSession(LONG)
    const strict = { ...reserve, transfer: { ...TRANSFER, from: { ...ALICE, minBalance: -3n } } }
    const outcomes = await store.ledger.apply(session, 1, [strict, commit, strict])
    deepEqual(outcomes, ['done', 'done', 'below-minimum'])
  }
  child.process.kill('SIGCONT')
  const [, result = ''] = await child.printed(/result (.*)\./, 20_000)
  const { results, alerts } = JSON.parse(result) as { readonly results: string[]; readonly alerts: string[] }
  deepEqual(results, ['booked', 'booked'])
  // Whether it lost the store as well is a matter of how long it was paused.
  equal(alerts.filter(alert => alert.includes('without its hold')).length, isUnsent ? 1 : 0)
  const payments = isUnsent ? 3n : 2n
  deepEqual(await balanceOf(store, 'alice'), { balance: -3n * payments, heldOut: 0n, heldIn: 0n })
  deepEqual(await balanceOf(store, 'bob'), { balance: 2n * payments, heldOut: 0n, heldIn: 0n })
  equal((await store.ledger.readPositions())[0]?.balance, payments)
}

/** What becomes of a commit that is in the journal, whose connection was cut there. */
async function restarts(scene: Scene, point: { toServer: number } | { toClient: number }): Promise<void> {
  const store = await scene.open()
  const directory = await mkdtemp(join(tmpdir(), 'store-processes-'))
  await using proxy = await tcpProxy(scene.backend.url)
  try {
    const first = await scene.run('journaler', /holds\./, directory, proxy.url)
    deepEqual(await balanceOf(store, 'alice'), { balance: 0n, heldOut: 6n, heldIn: 0n })
    const cut = proxy.cutAt(point)
    proxy.refuse(true)
    const journaled = answer(first, /journaled\./)
    await Promise.all([cut, journaled])
    await kill(first)
    for (let restarts = 1; restarts <= 2; restarts++) {
      // Each holds as much again, under a session of its own.
      const next = await scene.run('journaler', /holds\./, directory)
      await persist(async () =>
        deepEqual(await balanceOf(store, 'alice'), { balance: -3n, heldOut: 6n, heldIn: 0n }),
      )
      await kill(next)
    }
    equal((await balanceOf(store, 'bob')).balance, 2n)
  } finally {
    await rm(directory, { recursive: true })
  }
}

const PAUSED = 'a process that is paused past its lease in the middle of a commit'
const RESTARTED = 'a restart on the same journal gives back at once what was held, and books once a commit'

export const endCases = {
  [`${PAUSED}, before it is sent, books it without its hold, across a limit, and says so`]: (scene: Scene) =>
    pauses(scene, 'unsent'),
  [`${PAUSED}, when it has been sent, reads that it is booked`]: (scene: Scene) => pauses(scene, 'sent'),
  [`${RESTARTED} that the server did not get`]: (scene: Scene) => restarts(scene, { toServer: 0 }),
  [`${RESTARTED} that the server applied without its answer being heard`]: (scene: Scene) =>
    restarts(scene, { toClient: 0 }),

  'of several that notice the same dead process one ends its session, and its holds are given back once':
    async (scene: Scene) => {
      const store = await scene.open()
      const others = await Promise.all(Array.from({ length: 4 }, () => scene.open()))
      const live = await store.ledger.openSession(LONG)
      await store.ledger.apply(live, 1, [reserve])
      await kill(await scene.run('pauser', /stops\./, 'unsent'))
      deepEqual(await balanceOf(store, 'alice'), { balance: 0n, heldOut: 6n, heldIn: 0n })
      let noticed = 0
      await persist(async () => {
        const ended = await Promise.all(others.map(({ ledger }) => ledger.endExpiredSessions()))
        noticed += ended.flat().length
        ok(noticed > 0)
      })
      equal(noticed, 1)
      deepEqual(await balanceOf(store, 'alice'), { balance: 0n, heldOut: 3n, heldIn: 0n })
      deepEqual(await balanceOf(store, 'bob'), { balance: 0n, heldOut: 0n, heldIn: 2n })
    },
}
