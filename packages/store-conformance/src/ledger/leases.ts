import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { SessionTerms } from '@ilp/store-traits'
import { several } from '../given.js'
import type { Cases, Scene } from '../scene.js'
import {
  ALICE,
  addsUp,
  BOB,
  commit,
  hasBalance,
  LONG,
  openSession,
  release,
  reserve,
  transfer,
} from './given.js'

const PAYMENT = transfer(ALICE, 5n, BOB)

/** A lease that runs out soon, and holds that stay long behind it. */
const short = ({ leaseMs }: Scene): SessionTerms => ({ leaseMs, holdMaxMs: 4 * leaseMs })

/** A lease that is kept by what comes each half of a `leaseMs`, even when the machine holds that up. */
const kept = ({ leaseMs }: Scene): SessionTerms => ({ leaseMs: 2 * leaseMs, holdMaxMs: 4 * leaseMs })

export const leaseCases: Cases = {
  trait: 'ledger',
  cases: {
    'keeps a session that is renewed in time': async scene => {
      const store = await scene.open()
      const session = await openSession(store, kept(scene))
      await session.apply(reserve(PAYMENT))
      for (let i = 0; i < 12; i++) {
        await scene.pass(scene.leaseMs / 2)
        equal(await store.ledger.renewSession(session.id), 'live')
      }
      deepEqual(await store.ledger.endExpiredSessions(), [])
      deepEqual(await session.apply(reserve(PAYMENT), commit(PAYMENT)), ['done', 'done'])
      await hasBalance(store, ALICE, [-5n, 5n, 0n])
    },
    'keeps a session whose batches come in time': async scene => {
      const store = await scene.open()
      const session = await openSession(store, kept(scene))
      for (let i = 0; i < 12; i++) {
        await scene.pass(scene.leaseMs / 2)
        deepEqual(await session.apply(reserve(PAYMENT), release(PAYMENT)), ['done', 'done'])
      }
      deepEqual(await store.ledger.endExpiredSessions(), [])
      equal(await store.ledger.renewSession(session.id), 'live')
    },
    'keeps each session by its own terms': async scene => {
      const store = await scene.open()
      const [brief, long] = [await openSession(store, short(scene)), await openSession(store, LONG)]
      await long.apply(reserve(PAYMENT))
      await scene.pass(6 * scene.leaseMs)
      deepEqual(await store.ledger.endExpiredSessions(), [brief.id])
      deepEqual(await long.apply(reserve(PAYMENT)), ['done'])
      await hasBalance(store, ALICE, [0n, 10n, 0n])
    },
    'takes no reserves of a session whose lease is over, and keeps its holds': async scene => {
      const store = await scene.open()
      const session = await openSession(store, short(scene))
      const three = several(3, () => reserve(PAYMENT))
      await session.apply(...three)
      await scene.pass(1.5 * scene.leaseMs)
      deepEqual(await store.ledger.endExpiredSessions(), [], 'its packets may be alive still')
      await hasBalance(store, ALICE, [0n, 15n, 0n])
      deepEqual(await session.repeat(...three), ['done', 'done', 'done'])
      deepEqual(await session.apply(reserve(PAYMENT), commit(PAYMENT), release(PAYMENT)), [
        'session-ended',
        'done',
        'done',
      ])
      await hasBalance(store, ALICE, [-5n, 5n, 0n])
      equal(await store.ledger.renewSession(session.id), 'ended', 'a lease that is over stays over')
      deepEqual(await session.apply(reserve(PAYMENT)), ['session-ended'])
      await scene.pass(4 * scene.leaseMs)
      deepEqual(await store.ledger.endExpiredSessions(), [session.id])
      await hasBalance(store, ALICE, [-5n])
    },
    'ends a session whose lease and longest hold are over, once': async scene => {
      const store = await scene.open()
      const [dead, ended] = [await openSession(store, short(scene)), await openSession(store, short(scene))]
      await dead.apply(reserve(PAYMENT))
      await store.ledger.endSession(ended.id)
      await scene.pass(6 * scene.leaseMs)
      deepEqual(await store.ledger.endExpiredSessions(), [dead.id])
      await hasBalance(store, ALICE, [0n])
      await hasBalance(store, BOB, [0n])
      deepEqual(await store.ledger.endExpiredSessions(), [])
    },
    'gives each dead session to one of those who notice it at once': async scene => {
      const pair = await scene.openPair()
      const [store] = pair
      const sessions = await Promise.all(several(20, () => openSession(store, short(scene))))
      await Promise.all(sessions.map(session => session.apply(reserve(PAYMENT))))
      const live = await openSession(store)
      await live.apply(reserve(PAYMENT))
      await scene.pass(6 * scene.leaseMs)
      const notice = (i: number) => (pair[i % 2] ?? store).ledger.endExpiredSessions()
      const noticed = await Promise.all(several(30, notice))
      deepEqual(noticed.flat().sort(), sessions.map(({ id }) => id).sort())
      await hasBalance(store, ALICE, [0n, 5n, 0n])
    },
    'lets a session that comes back too late book what it owes, and nothing else': async scene => {
      const [store, other] = await scene.openPair()
      const [paused, busy] = [await openSession(store, short(scene)), await openSession(other)]
      const [late, failed] = [transfer(ALICE, 7n, BOB, 6n), transfer(ALICE, 2n, BOB)]
      const first = await paused.apply(reserve(late), reserve(failed))
      await busy.apply(reserve(PAYMENT))
      await scene.pass(6 * scene.leaseMs)
      deepEqual(await other.ledger.endExpiredSessions(), [paused.id])
      await hasBalance(store, ALICE, [0n, 5n, 0n])

      equal(await store.ledger.renewSession(paused.id), 'ended')
      deepEqual(await paused.repeat(reserve(late), reserve(failed)), first)
      deepEqual(await paused.apply(reserve(PAYMENT), commit(late), release(failed)), [
        'session-ended',
        'late',
        'no-hold',
      ])
      await hasBalance(store, ALICE, [-7n, 5n, 0n])
      await hasBalance(store, BOB, [6n, 0n, 5n])

      const next = await openSession(store)
      deepEqual(await next.apply(reserve(PAYMENT), commit(PAYMENT)), ['done', 'done'])
      deepEqual(await busy.apply(commit(PAYMENT)), ['done'])
      await hasBalance(store, ALICE, [-17n])
      await addsUp(store, [ALICE, BOB])
    },
    'remembers an ended session, and never forgets that it has ended': async scene => {
      const store = await scene.open()
      const session = await openSession(store, short(scene))
      await session.apply(reserve(PAYMENT))
      await scene.pass(6 * scene.leaseMs)
      deepEqual(await store.ledger.endExpiredSessions(), [session.id])
      await scene.pass(6 * scene.leaseMs)
      for (let i = 0; i < 3; i++) {
        deepEqual(await session.apply(commit(PAYMENT), reserve(PAYMENT)), ['late', 'session-ended'])
        deepEqual(await store.ledger.endExpiredSessions(), [])
      }
      await rejects(() => store.ledger.apply(session.id, 1, []), { code: 'ERR_SEQ_PASSED' })
      await hasBalance(store, ALICE, [-15n])
    },
  },
}
