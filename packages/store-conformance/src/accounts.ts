import { deepEqual, deepStrictEqual, equal, ok } from 'node:assert/strict'
import { accountId } from '@ilp/service-core'
import type { PutAccountOutcome } from '@ilp/store-traits'
import fc from 'fast-check'
import { ALICE, account, BOB, EUR, heard } from './given.js'
import { isFrozen, plainData, withoutUndefined } from './plain-data.js'
import type { AnyStore, Cases } from './scene.js'

const usernames = (store: AnyStore) =>
  store.accounts
    .all()
    .map(({ username }) => username)
    .sort()

const alone: Cases = {
  trait: 'accounts',
  cases: {
    'is empty at first': async ({ open }) => {
      const { accounts } = await open()
      deepEqual(accounts.all(), [])
      equal(accounts.get(ALICE), undefined)
      equal(accounts.byUsername('alice'), undefined)
    },
    'finds a stored account by its id, by its username and among all': async ({ open }) => {
      const { accounts } = await open()
      const alice = account(ALICE, { username: 'Alice of Wonderland', extra: { limit: 5n } })
      equal(await accounts.put(alice), 'stored')
      equal(await accounts.put(account(BOB)), 'stored')
      deepStrictEqual(accounts.get(ALICE), alice)
      deepStrictEqual(accounts.byUsername('Alice of Wonderland'), alice)
      equal(accounts.byUsername('alice'), undefined)
      equal(accounts.all().length, 2)
      deepStrictEqual(
        accounts.all().find(({ id }) => id === ALICE),
        alice,
      )
    },
    'keeps whatever plain data services bring': async ({ open }) => {
      const { accounts } = await open()
      await fc.assert(
        fc.asyncProperty(plainData, async extra => {
          equal(await accounts.put(account(ALICE, { extra })), 'stored')
          deepStrictEqual(withoutUndefined(accounts.get(ALICE)?.extra), withoutUndefined(extra))
        }),
        { numRuns: 40 },
      )
    },
    'gives frozen accounts that nobody can change through what was put': async ({ open, eventually }) => {
      const { accounts } = await open()
      const changes = heard(accounts.watch)
      const given = { ...account(ALICE), extra: { list: [{ amount: 1n }] } }
      await accounts.put(given)
      given.username = 'mallory'
      given.extra.list.push({ amount: 2n })
      await eventually('the account is announced', () => changes.length === 1)
      const expected = account(ALICE, { extra: { list: [{ amount: 1n }] } })
      const all = [accounts.get(ALICE), accounts.byUsername('alice'), ...accounts.all(), changes[0]?.account]
      equal(all.length, 4)
      for (const found of all) {
        deepStrictEqual(found, expected)
        ok(isFrozen(found), 'frozen in all its depth')
      }
    },
    'replaces an account whole': async ({ open }) => {
      const { accounts } = await open()
      await accounts.put(account(ALICE, { extra: 'old' }))
      const former = accounts.get(ALICE)
      equal(await accounts.put(account(ALICE)), 'stored')
      deepStrictEqual(accounts.get(ALICE), account(ALICE))
      equal(former?.extra, 'old', 'what was given out before stays as it was')
      equal(accounts.all().length, 1)
    },
    'frees a username that its account gives up': async ({ open }) => {
      const { accounts } = await open()
      await accounts.put(account(ALICE))
      await accounts.put(account(ALICE, { username: 'alicia' }))
      equal(accounts.byUsername('alice'), undefined)
      equal(accounts.byUsername('alicia')?.id, ALICE)
      equal(await accounts.put(account(BOB, { username: 'alice' })), 'stored')
      equal(accounts.byUsername('alice')?.id, BOB)
    },
    'refuses a username that another account has, and changes nothing': async ({ open, eventually }) => {
      const store = await open()
      const { accounts } = store
      await accounts.put(account(ALICE))
      await accounts.put(account(BOB))
      await eventually('both are there', () => accounts.all().length === 2)
      const changes = heard(accounts.watch)
      equal(await accounts.put(account(BOB, { username: 'alice', extra: 'new' })), 'username-taken')
      equal(await accounts.put(account(accountId('carol'), { username: 'bob' })), 'username-taken')
      deepStrictEqual(accounts.get(BOB), account(BOB))
      equal(accounts.byUsername('alice')?.id, ALICE)
      deepEqual(usernames(store), ['alice', 'bob'])
      equal(await accounts.put(account(accountId('dave'))), 'stored')
      await eventually('an account is announced', () => changes.length > 0)
      deepEqual(
        changes.map(({ id }) => id),
        ['dave'],
      )
    },
    'refuses to change the asset of an account, and changes nothing': async ({ open }) => {
      const { accounts } = await open()
      await accounts.put(account(ALICE))
      for (const asset of [EUR, { code: 'USD', scale: 8 }, { code: 'usd', scale: 9 }]) {
        equal(await accounts.put(account(ALICE, { asset, extra: 'new' })), 'asset-fixed')
      }
      deepStrictEqual(accounts.get(ALICE), account(ALICE))
    },
    'removes an account, frees its username and retires its id': async ({ open }) => {
      const { accounts } = await open()
      await accounts.put(account(ALICE))
      await accounts.put(account(BOB))
      await accounts.remove(ALICE)
      equal(accounts.get(ALICE), undefined)
      equal(accounts.byUsername('alice'), undefined)
      deepEqual(accounts.all(), [account(BOB)])
      equal(await accounts.put(account(ALICE)), 'id-retired')
      equal(await accounts.put(account(ALICE, { username: 'alicia', asset: EUR })), 'id-retired')
      equal(accounts.get(ALICE), undefined)
      equal(await accounts.put(account(accountId('alice-2'), { username: 'alice' })), 'stored')
    },
    'removes nothing where there is no account, and retires no id': async ({ open, eventually }) => {
      const { accounts } = await open()
      const changes = heard(accounts.watch)
      await accounts.remove(ALICE)
      equal(await accounts.put(account(ALICE)), 'stored')
      await accounts.remove(ALICE)
      await accounts.remove(ALICE)
      equal(await accounts.put(account(BOB)), 'stored')
      await eventually('all is announced', () => changes.at(-1)?.id === BOB)
      deepEqual(
        changes.map(change => change.account?.username),
        ['alice', undefined, 'bob'],
      )
    },
  },
}

const feed: Cases = {
  trait: 'accounts',
  cases: {
    'announces each change once it can be seen': async ({ open, eventually }) => {
      const { accounts } = await open()
      const seen: unknown[] = []
      accounts.watch(({ id, account: now }) => {
        deepStrictEqual(accounts.get(id), now)
        seen.push([id, now?.username, now && accounts.byUsername(now.username)?.id])
      })
      await accounts.put(account(ALICE))
      await eventually('the account is announced', () => seen.length === 1)
      await accounts.put(account(ALICE, { username: 'alicia' }))
      await eventually('its change is announced', () => seen.length === 2)
      await accounts.remove(ALICE)
      await eventually('its removal is announced', () => seen.length === 3)
      deepEqual(seen, [
        [ALICE, 'alice', ALICE],
        [ALICE, 'alicia', ALICE],
        [ALICE, undefined, undefined],
      ])
    },
    'tells the others when a listener throws, and does what was asked': async ({ open, eventually }) => {
      const { accounts } = await open()
      accounts.watch(() => {
        throw new Error('a listener that throws')
      })
      const changes = heard(accounts.watch)
      equal(await accounts.put(account(ALICE)), 'stored')
      await accounts.remove(ALICE)
      await eventually('both are announced', () => changes.length === 2)
    },
    'tells nothing to those who have left': async ({ open, eventually }) => {
      const { accounts } = await open()
      const told = { gone: 0, twice: 0, there: 0 }
      const count = (who: keyof typeof told) => () => {
        told[who] += 1
      }
      const leave = accounts.watch(count('gone'))
      const listener = count('twice')
      const leaveOnce = accounts.watch(listener)
      accounts.watch(listener)
      accounts.watch(count('there'))
      await accounts.put(account(ALICE))
      await eventually('everybody is told', () => told.there === 1)
      deepEqual(told, { gone: 1, twice: 2, there: 1 })
      for (const end of [leave, leave, leaveOnce, leaveOnce]) end()
      await accounts.remove(ALICE)
      await eventually('those who are there are told', () => told.there === 2)
      deepEqual(told, { gone: 1, twice: 3, there: 2 })
    },
    'announces changes that a listener makes behind those it was told of': async ({ open, eventually }) => {
      const { accounts } = await open()
      let stored: Promise<PutAccountOutcome> | undefined
      accounts.watch(({ id }) => {
        if (id === ALICE) stored = accounts.put(account(BOB))
      })
      const changes = heard(accounts.watch)
      await accounts.put(account(ALICE))
      await eventually('both are announced', () => changes.length === 2)
      equal(await stored, 'stored')
      deepEqual(
        changes.map(({ id }) => id),
        [ALICE, BOB],
      )
    },
  },
}

const kept: Cases = {
  trait: 'accounts',
  needs: ['durable'],
  cases: {
    'keeps accounts and retired ids over a restart': async ({ open }) => {
      const before = await open()
      const alice = account(ALICE, { extra: { limit: -(2n ** 80n), names: ['é', '日本'] } })
      await before.accounts.put(alice)
      await before.accounts.put(account(BOB))
      await before.accounts.remove(BOB)
      await before.stop()
      const { accounts } = await open()
      deepStrictEqual(accounts.all(), [alice])
      deepStrictEqual(accounts.byUsername('alice'), alice)
      ok(isFrozen(accounts.get(ALICE)))
      equal(await accounts.put(account(BOB)), 'id-retired')
      equal(await accounts.put(account(ALICE, { asset: EUR })), 'asset-fixed')
    },
  },
}

export const accountCases: readonly Cases[] = [alone, feed, kept]
