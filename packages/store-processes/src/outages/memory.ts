import { deepEqual, equal, ok } from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { accountId } from '@ilp/service-core'
import { holds, LONG, persist, stored } from '../given.js'
import { BATCH, isUnavailable, type OutageScene } from './scene.js'

const [KEPT, GONE, MOVED] = [accountId('kept'), accountId('gone'), accountId('moved')]

/** What is announced of what `missed` did, in any order. */
const NEWS = [
  [GONE, undefined],
  [MOVED, 'elsewhere'],
  { prefix: 'test.gone', account: undefined },
  { prefix: 'test.new', account: KEPT },
  { account: KEPT, link: 'btp' },
  'test.node',
  5,
]

export const memoryCases = {
  'what is held in memory is in force in another store within 100 ms': async (scene: OutageScene) => {
    const [one, other] = [await scene.open(), await scene.open()]
    const tookMs: number[] = []
    for (let i = 0; i < 21; i++) {
      const id = accountId(`account-${i}`)
      await one.accounts.put(stored(id))
      await one.credentials.setIncomingTokens(id, 'btp', [`token ${i}`])
      const told = new Promise<void>(resolve => other.routes.watch(() => resolve()))
      const fromMs = performance.now()
      await one.routes.put({ prefix: 'test.there', account: id })
      await told
      tookMs.push(performance.now() - fromMs)
      deepEqual(other.routes.all(), [{ prefix: 'test.there', account: id }])
      equal(other.credentials.authenticate('btp', `token ${i}`), id)
      deepEqual(other.accounts.get(id), stored(id))
    }
    // Some of them: other tests may take the processor for longer than that. A store that asks for news never is so quick.
    ok((tookMs.sort((a, b) => a - b)[4] ?? 0) < 100)
  },

  'what is held in memory is told whole, however long it is, while others tell of changes as well': async (
    scene: OutageScene,
  ) => {
    const [one, other] = [await scene.open(), await scene.open()]
    const accounts = [0, 1_800, 1_900, 3_900, 100_000].map(length => ({
      ...stored(accountId(`account-${length}`)),
      extra: `${'ü'.repeat(length)}${length}`,
    }))
    const session = await other.ledger.openSession(LONG)
    // Nothing is ever read again for it: the ledger takes batches all the while.
    const pay = async () => {
      for (let seq = 1; seq <= 20; seq++) await other.ledger.apply(session, seq, BATCH)
    }
    await Promise.all([
      ...accounts.map(account => one.accounts.put(account)),
      ...accounts.map(({ id }, i) => other.routes.put({ prefix: `test.r${i}`, account: id })),
      pay(),
    ])
    for (const store of [one, other]) {
      await holds(
        () =>
          store.accounts.all().length === accounts.length && store.routes.all().length === accounts.length,
      )
      for (const account of accounts) deepEqual(store.accounts.get(account.id), account)
    }
  },

  'what is held in memory is read again after a lost connection, with the differences announced, before the ledger takes anything':
    async (scene: OutageScene) => {
      const direct = await scene.direct()
      for (const id of [KEPT, GONE, MOVED]) await direct.accounts.put(stored(id))
      await direct.credentials.setIncomingTokens(KEPT, 'btp', ['old'])
      await direct.routes.put({ prefix: 'test.gone', account: GONE })
      const store = await scene.open()
      const session = await store.ledger.openSession(LONG)
      const heard: unknown[] = []
      store.accounts.watch(({ id, account }) => heard.push([id, account?.username]))
      store.routes.watch(change => heard.push(change))
      store.address.watch(address => heard.push(address))
      store.credentials.watch(change => heard.push(change))
      store.rates.watch(({ asOfMs }) => heard.push(asOfMs))

      scene.proxy.refuse(true)
      scene.proxy.cut()
      await direct.accounts.remove(GONE)
      await direct.accounts.put({ ...stored(MOVED), username: 'elsewhere' })
      await direct.credentials.setIncomingTokens(KEPT, 'btp', ['new'])
      await direct.routes.remove('test.gone')
      await direct.routes.put({ prefix: 'test.new', account: KEPT })
      await direct.address.set('test.node')
      await direct.rates.set({ rates: { USD: '1' }, asOfMs: 5 })
      deepEqual(heard, [])
      await isUnavailable(store.ledger.apply(session, 1, BATCH))
      scene.proxy.refuse(false)

      await persist(() => store.ledger.apply(session, 1, BATCH))
      equal(store.accounts.get(GONE), undefined)
      equal(store.accounts.byUsername('moved'), undefined)
      equal(store.accounts.byUsername('elsewhere')?.id, MOVED)
      equal(store.credentials.authenticate('btp', 'old'), undefined)
      equal(store.credentials.authenticate('btp', 'new'), KEPT)
      equal(store.address.get(), 'test.node')
      deepEqual(store.routes.all(), [{ prefix: 'test.new', account: KEPT }])
      equal(heard.length, NEWS.length)
      for (const news of NEWS)
        ok(
          heard.some(one => isDeepStrictEqual(one, news)),
          JSON.stringify(news),
        )
    },
}
