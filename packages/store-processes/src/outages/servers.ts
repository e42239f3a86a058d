import { equal, ok } from 'node:assert/strict'
import { ALICE, LONG, persist, stored } from '../given.js'
import { BATCH, isOnce, isUnavailable, type OutageScene } from './scene.js'

export const serverCases = {
  'a server that goes away is reported at once, and used again when it is back with all that it acknowledged':
    async (scene: OutageScene) => {
      const own = await scene.ownServer()
      const timeoutMs = 10_000
      const store = await scene.open(own.url, timeoutMs)
      const session = await store.ledger.openSession(LONG)
      await store.ledger.apply(session, 1, BATCH)
      await own.kill()
      const askedMs = performance.now()
      await isUnavailable(store.ledger.apply(session, 2, BATCH))
      await isUnavailable(store.accounts.put(stored(ALICE.id)))
      ok(performance.now() - askedMs < timeoutMs / 2)
      await own.restart()
      await persist(() => store.ledger.apply(session, 2, BATCH))
      await persist(() => isOnce(store, 2n))
      equal(await persist(() => store.accounts.put(stored(ALICE.id))), 'stored')
    },

  'a server that is killed again and again while batches come has each of them once': async (
    scene: OutageScene,
  ) => {
    const own = await scene.ownServer()
    const store = await scene.open(own.url)
    const session = await store.ledger.openSession(LONG)
    let isOver = false
    const kill = async () => {
      for (let i = 0; i < 3; i++) {
        const before = await persist(() => store.ledger.readBalance(ALICE.id))
        await persist(async () => ok((await store.ledger.readBalance(ALICE.id)).balance < before.balance))
        await own.kill()
        await own.restart()
      }
      isOver = true
    }
    let seq = 0
    const send = async () => {
      while (!isOver) {
        seq += 1
        await persist(() => store.ledger.apply(session, seq, BATCH))
      }
    }
    await Promise.all([kill(), send()])
    await persist(() => isOnce(store, BigInt(seq)))
  },

  'a server that is silent is reported within the timeout, and has applied what it had got once': async (
    scene: OutageScene,
  ) => {
    const own = await scene.ownServer()
    const timeoutMs = 2_000
    const store = await scene.open(own.url, timeoutMs)
    const session = await store.ledger.openSession(LONG)
    await own.pause()
    const askedMs = performance.now()
    await Promise.all([1, 2, 3].map(() => isUnavailable(store.ledger.apply(session, 1, BATCH))))
    ok(performance.now() - askedMs < 2.5 * timeoutMs)
    await own.resume()
    await persist(() => store.ledger.apply(session, 1, BATCH))
    await persist(() => isOnce(store, 1n))
  },

  'a server that can not be reached fails a start, which can be stopped': async (scene: OutageScene) => {
    scene.proxy.refuse(true)
    await isUnavailable(scene.open())
  },
}
