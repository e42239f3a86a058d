import { deepEqual, equal } from 'node:assert/strict'
import { accountId } from '@ilp/service-core'
import type { RouteStore } from '@ilp/store-traits'
import { ALICE, account, BOB, heard, several } from './given.js'
import type { AnyStore, Cases, Scene } from './scene.js'

async function withAccounts({ open }: Scene): Promise<AnyStore> {
  const store = await open()
  for (const id of [ALICE, BOB]) await store.accounts?.put(account(id))
  return store
}

const all = (routes: RouteStore) =>
  routes
    .all()
    .map(({ prefix, account: to }) => `${prefix} → ${to}`)
    .sort()

const alone: Cases = {
  trait: 'routes',
  cases: {
    'are none at first': async ({ open }) => {
      const { routes } = await open()
      deepEqual(routes.all(), [])
    },
    'are one for each prefix, the last one put': async scene => {
      const { routes } = await withAccounts(scene)
      await routes.put({ prefix: 'test.a', account: ALICE })
      await routes.put({ prefix: 'test.a.b', account: ALICE })
      await routes.put({ prefix: 'test.A', account: ALICE })
      await routes.put({ prefix: 'test.a', account: BOB })
      deepEqual(all(routes), ['test.A → alice', 'test.a → bob', 'test.a.b → alice'])
    },
    'are removed by their prefix alone': async scene => {
      const { routes } = await withAccounts(scene)
      await routes.put({ prefix: 'test.a', account: ALICE })
      await routes.put({ prefix: 'test.a.b', account: ALICE })
      await routes.remove('test')
      await routes.remove('test.a')
      deepEqual(all(routes), ['test.a.b → alice'])
    },
    'are announced once they can be seen': async scene => {
      const { routes } = await withAccounts(scene)
      const seen: unknown[] = []
      const leave = routes.watch(({ prefix, account: to }) => void seen.push([prefix, to, all(routes)]))
      const changes = heard(routes.watch)
      await routes.put({ prefix: 'test.a', account: ALICE })
      await scene.eventually('the route is announced', () => changes.length === 1)
      await routes.put({ prefix: 'test.a', account: BOB })
      await scene.eventually('its change is announced', () => changes.length === 2)
      await routes.remove('test.a')
      await routes.remove('test.a')
      await scene.eventually('its removal is announced', () => changes.length === 3)
      leave()
      await routes.put({ prefix: 'test.b', account: ALICE })
      await scene.eventually('another route is announced', () => changes.at(-1)?.prefix === 'test.b')
      deepEqual(seen, [
        ['test.a', ALICE, ['test.a → alice']],
        ['test.a', BOB, ['test.a → bob']],
        ['test.a', undefined, []],
      ])
    },
    'are told to the others when a listener throws': async scene => {
      const { routes } = await withAccounts(scene)
      routes.watch(() => {
        throw new Error('a listener that throws')
      })
      const changes = heard(routes.watch)
      await routes.put({ prefix: 'test.a', account: ALICE })
      await routes.remove('test.a')
      await scene.eventually('both are announced', () => changes.length === 2)
    },
    'stay one for each prefix when many are put at once': async scene => {
      const ids = several(50, i => accountId(`a${i}`))
      const pair = await scene.openPair()
      for (const id of ids) await pair[0].accounts?.put(account(id))
      await Promise.all(ids.map((id, i) => pair[i % 2]?.routes.put({ prefix: 'test.a', account: id })))
      await scene.eventually('both stores have the same route', () => {
        const [mine, others] = pair.map(({ routes }) => all(routes))
        return mine?.length === 1 && mine[0] === others?.[0]
      })
    },
  },
}

const shared: Cases = {
  trait: 'routes',
  needs: ['concurrent'],
  cases: {
    'are in force in another store': async scene => {
      const one = await withAccounts(scene)
      const other = await scene.open()
      const changes = heard(other.routes.watch)
      await one.routes.put({ prefix: 'test.a', account: ALICE })
      await scene.eventually('the route is announced', () => changes.length === 1)
      deepEqual(all(other.routes), ['test.a → alice'])
      await one.routes.remove('test.a')
      await scene.eventually('its removal is announced', () => changes.length === 2)
      deepEqual(other.routes.all(), [])
      equal(changes[1]?.account, undefined)
    },
  },
}

const kept: Cases = {
  trait: 'routes',
  needs: ['durable'],
  cases: {
    'outlive a restart': async scene => {
      const before = await withAccounts(scene)
      await before.routes.put({ prefix: 'test.a', account: ALICE })
      await before.routes.put({ prefix: 'test.b', account: BOB })
      await before.routes.remove('test.a')
      await before.stop()
      const { routes } = await scene.open()
      deepEqual(all(routes), ['test.b → bob'])
    },
  },
}

export const routeCases: readonly Cases[] = [alone, shared, kept]
