import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { SessionId } from '@ilp/store-traits'
import type { TcpProxy } from '@ilp/test-servers'
import { ALICE, BOB, LONG, persist } from '../given.js'
import { BATCH, isOnce, isUnavailable, type OutageScene } from './scene.js'

type CutPoint = Parameters<TcpProxy['cutAt']>[0]

const DONE = ['done', 'done', 'done']

async function cutBatch(scene: OutageScene, point: CutPoint): Promise<void> {
  const store = await scene.open()
  const direct = await scene.direct()
  const session = await store.ledger.openSession(LONG)
  await store.ledger.apply(session, 1, BATCH)
  const cut = scene.proxy.cutAt(point)
  await isUnavailable(store.ledger.apply(session, 2, BATCH))
  await cut
  deepEqual(await persist(() => store.ledger.apply(session, 2, BATCH)), DONE)
  deepEqual(await store.ledger.apply(session, 2, BATCH), DONE)
  await isOnce(direct, 2n)
}

async function cutMoney(scene: OutageScene, point: CutPoint): Promise<void> {
  const store = await scene.open()
  const credit = {
    key: 'key',
    account: ALICE,
    quantity: { amount: 10n ** 20n + 15n, scale: ALICE.asset.scale + 1 },
  }
  const adjustment = { key: 'key', account: BOB, amount: 2n ** 90n, reason: 'a bank transfer' }
  const cutOnce = async <T>(act: () => Promise<T>): Promise<T> => {
    const cut = scene.proxy.cutAt(point)
    await isUnavailable(act())
    await cut
    return persist(act)
  }
  equal(await cutOnce(() => store.settlements.credit(credit)), 10n ** 19n + 1n)
  equal(await cutOnce(() => store.adjustments.adjust(adjustment)), 'posted')
  const settlement = await cutOnce(() => store.settlements.settle(BOB, { threshold: 1n, settleTo: 0n }))
  equal(settlement?.amount, 2n ** 90n)
  deepEqual(await persist(() => store.settlements.readOutbox()), [settlement])
  await cutOnce(() => store.settlements.acknowledge(settlement?.key ?? ''))
  deepEqual(await store.settlements.readOutbox(), [])
  equal((await store.ledger.readBalance(ALICE.id)).balance, 10n ** 19n + 1n)
  equal((await store.ledger.readBalance(BOB.id)).balance, 0n)
  equal((await store.adjustments.read(BOB.id)).length, 1)
  deepEqual(await store.ledger.readPositions(), [
    { asset: ALICE.asset, balance: 0n, settled: 2n ** 90n - 10n ** 19n - 1n, adjusted: -(2n ** 90n) },
  ])
}

const CUT = 'a batch whose connection is cut'
const ONCE = 'is applied once when it is sent again'
const MOVED = 'money that is moved in other ways while the connection is cut'

export const cutCases = {
  [`${CUT} before it reaches the server ${ONCE}`]: (scene: OutageScene) => cutBatch(scene, { toServer: 0 }),
  [`${CUT} within its first octets ${ONCE}`]: (scene: OutageScene) => cutBatch(scene, { toServer: 20 }),
  [`${CUT} within its operations ${ONCE}`]: (scene: OutageScene) =>
    cutBatch(scene, { toServer: scene.octets.operations }),
  [`${CUT} behind it, before its answer, ${ONCE}`]: (scene: OutageScene) => cutBatch(scene, { toClient: 0 }),
  [`${CUT} within its answer ${ONCE}`]: (scene: OutageScene) =>
    cutBatch(scene, { toClient: scene.octets.answer }),

  [`${CUT} again and again at random points is applied once`]: async (scene: OutageScene) => {
    const store = await scene.open()
    const session = await store.ledger.openSession(LONG)
    for (let seq = 1; seq <= 40; seq++) {
      const octets = (seq * 97) % 400
      const point = seq % 2 ? { toServer: octets } : { toClient: octets % (3 * scene.octets.answer) }
      let isCut = false
      const cut = scene.proxy.cutAt(point).then(() => {
        isCut = true
      })
      deepEqual(await persist(() => store.ledger.apply(session, seq, BATCH)), DONE)
      // What is left of the way to the point is made by what follows.
      while (!isCut) await persist(() => store.ledger.renewSession(session))
      await cut
    }
    await persist(() => isOnce(store, 40n))
  },

  [`${MOVED} before it reaches the server is moved once`]: (scene: OutageScene) =>
    cutMoney(scene, { toServer: 0 }),
  [`${MOVED} before its answer is moved once`]: (scene: OutageScene) => cutMoney(scene, { toClient: 0 }),

  'a session that no store opened is unknown, also with an empty batch': async (scene: OutageScene) => {
    const store = await scene.open()
    await rejects(store.ledger.apply('nobody' as SessionId, 1, []), { code: 'ERR_SESSION_UNKNOWN' })
  },
}
