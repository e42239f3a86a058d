import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import type { SessionId } from '@ilp/store-traits'
import { several } from '../given.js'
import type { Cases } from '../scene.js'
import {
  ALICE,
  addsUp,
  BOB,
  CAROL,
  commit,
  hasBalance,
  openSession,
  positions,
  release,
  reserve,
  transfer,
} from './given.js'

const isUnknown = { name: 'StoreError', code: 'ERR_SESSION_UNKNOWN' }
const PAYMENT = transfer(ALICE, 5n, BOB)

export const sessionCases: Cases = {
  trait: 'ledger',
  cases: {
    'gives each session an id of its own that nobody can guess': async ({ openPair }) => {
      const [one, other] = await openPair()
      const sessions = await Promise.all(several(200, i => openSession(i % 2 ? one : other)))
      const ids = sessions.map(({ id }) => id)
      equal(new Set(ids).size, 200)
      // 128 bits take 22 characters of base64; ids that are counted differ in few.
      for (const id of ids) ok(id.length >= 22, id)
      ids.reduce((former, id) => {
        ok([...id].filter((character, i) => character !== former[i]).length >= 10, `${id} follows ${former}`)
        return id
      })
    },
    'knows no session that it did not open': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      await session.apply(reserve(PAYMENT))
      const unknown = `${session.id.slice(0, -4)}AAAA` as SessionId
      await rejects(() => store.ledger.apply(unknown, 1, [commit(PAYMENT)]), isUnknown)
      await rejects(() => store.ledger.renewSession(unknown), isUnknown)
      await store.ledger.endSession(unknown)
      await hasBalance(store, ALICE, [0n, 5n, 0n])
      equal(await store.ledger.renewSession(session.id), 'live')
    },
    'gives back the holds of a session that is ended, those alone': async ({ open }) => {
      const store = await open()
      const [session, other] = [await openSession(store), await openSession(store)]
      const back = transfer(BOB, 3n, ALICE, 2n)
      await session.apply(reserve(PAYMENT), reserve(PAYMENT), commit(PAYMENT), reserve(back))
      await other.apply(reserve(transfer(ALICE, 1n, BOB)))
      await store.ledger.endSession(session.id)
      await hasBalance(store, ALICE, [-5n, 1n, 0n])
      await hasBalance(store, BOB, [5n, 0n, 1n])
      equal(await store.ledger.renewSession(session.id), 'ended')
      equal(await store.ledger.renewSession(other.id), 'live')
    },
    'gives holds back once, however often the session is ended': async ({ open }) => {
      const store = await open()
      const [session, other] = [await openSession(store), await openSession(store)]
      await session.apply(reserve(PAYMENT))
      await other.apply(reserve(PAYMENT))
      for (let i = 0; i < 3; i++) await store.ledger.endSession(session.id)
      await hasBalance(store, ALICE, [0n, 5n, 0n])
      await hasBalance(store, BOB, [0n, 0n, 5n])
    },
    'refuses the reserves of a session that has ended': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      await store.ledger.endSession(session.id)
      const poor = transfer({ ...ALICE, minBalance: 0n }, 1n, BOB)
      deepEqual(await session.apply(reserve(PAYMENT), reserve(poor)), ['session-ended', 'session-ended'])
      await hasBalance(store, ALICE, [0n])
      await hasBalance(store, BOB, [0n])
    },
    'books the commits of a session that has ended, late, across limits and past all holds': async ({
      open,
    }) => {
      const store = await open()
      const [session, other] = [await openSession(store), await openSession(store)]
      await session.apply(reserve(PAYMENT))
      await other.apply(reserve(PAYMENT))
      await store.ledger.endSession(session.id)
      const strict = transfer({ ...ALICE, minBalance: 0n }, 5n, { ...BOB, maxBalance: 0n }, 4n)
      deepEqual(await session.apply(commit(strict)), ['late'])
      await hasBalance(store, ALICE, [-5n, 5n, 0n])
      await hasBalance(store, BOB, [4n, 0n, 5n])
      deepEqual(await positions(store), { 'USD 9': 1n })
      await addsUp(store, [ALICE, BOB])
    },
    'gives nothing back on the releases of a session that has ended': async ({ open }) => {
      const store = await open()
      const [session, other] = [await openSession(store), await openSession(store)]
      await session.apply(reserve(PAYMENT))
      await other.apply(reserve(PAYMENT))
      await store.ledger.endSession(session.id)
      deepEqual(await session.apply(release(PAYMENT)), ['no-hold'])
      await hasBalance(store, ALICE, [0n, 5n, 0n])
      await hasBalance(store, BOB, [0n, 0n, 5n])
    },
    'numbers the batches of a session that has ended as before': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const first = await session.apply(reserve(PAYMENT), reserve(PAYMENT))
      await store.ledger.endSession(session.id)
      deepEqual(await session.repeat(reserve(PAYMENT), reserve(PAYMENT)), first)
      await hasBalance(store, ALICE, [0n])
      await rejects(() => store.ledger.apply(session.id, 3, [commit(PAYMENT)]), { code: 'ERR_SEQ_GAP' })
      for (let i = 0; i < 2; i++) {
        deepEqual(await store.ledger.apply(session.id, 2, [commit(PAYMENT)]), ['late'])
        await hasBalance(store, ALICE, [-5n])
      }
      deepEqual(await store.ledger.apply(session.id, 3, [commit(PAYMENT)]), ['late'])
      await hasBalance(store, ALICE, [-10n])
      await rejects(() => store.ledger.apply(session.id, 2, [commit(PAYMENT)]), { code: 'ERR_SEQ_PASSED' })
    },
    'gives back all holds when sessions end in the midst of their batches': async ({ openPair }) => {
      const pair = await openPair()
      const [store] = pair
      const sessions = await Promise.all(several(30, () => openSession(store)))
      await Promise.all(
        sessions.flatMap((session, i) => {
          const apply = async () => {
            for (let n = 0; n < 10; n++)
              await session.apply(reserve(PAYMENT), reserve(transfer(BOB, 1n, CAROL)))
          }
          const end = async () => {
            for (let n = 0; n < i % 7; n++) await store.ledger.readBalance(ALICE.id)
            await pair[i % 2]?.ledger.endSession(session.id)
          }
          return [apply(), end()]
        }),
      )
      for (const account of [ALICE, BOB, CAROL]) await hasBalance(store, account, [0n])
    },
  },
}
