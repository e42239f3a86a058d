import { deepEqual, deepStrictEqual, equal, ok } from 'node:assert/strict'
import { accountId } from '@ilp/service-core'
import { ALICE, account, BOB, heard, several } from './given.js'
import type { ConformanceAccount } from './harness.js'
import { isFrozen } from './plain-data.js'
import type { Cases } from './scene.js'

/** Callers that meet. */
const races: Cases = {
  trait: 'accounts',
  cases: {
    'gives a username to one of many that ask for it at once': async ({ openPair }) => {
      const pair = await openPair()
      const outcomes = await Promise.all(
        several(100, i => pair[i % 2]?.accounts.put(account(accountId(`a${i}`), { username: 'popular' }))),
      )
      equal(outcomes.filter(outcome => outcome === 'stored').length, 1)
      equal(outcomes.filter(outcome => outcome === 'username-taken').length, 99)
    },
    'fixes one asset when an account is created with several at once': async ({ openPair, eventually }) => {
      const pair = await openPair()
      const put = (scale: number) =>
        pair[scale % 2]?.accounts.put(account(ALICE, { asset: { code: 'USD', scale } }))
      const outcomes = await Promise.all(several(50, put))
      equal(outcomes.filter(outcome => outcome === 'stored').length, 1)
      equal(outcomes.filter(outcome => outcome === 'asset-fixed').length, 49)
      const scale = outcomes.indexOf('stored')
      for (const { accounts } of pair) {
        await eventually('the account is there', () => accounts.get(ALICE)?.asset.scale === scale)
      }
    },
    'ends with one account, announced last, when many store it at once': async ({ openPair, eventually }) => {
      const pair = await openPair()
      const feeds = pair.map(({ accounts }) => heard(accounts.watch))
      const put = (i: number) => pair[i % 2]?.accounts.put(account(ALICE, { username: `alice-${i}` }))
      await Promise.all(several(50, put))
      await eventually('both stores have heard of the same account last', () => {
        const [mine, others] = feeds.map(changes => changes.at(-1)?.account?.username)
        const found = pair.map(({ accounts }) => accounts.get(ALICE)?.username)
        return mine !== undefined && [others, ...found].every(username => username === mine)
      })
      for (const { accounts } of pair) equal(accounts.all().length, 1)
    },
    'leaves nothing of an account that is removed while others store it': async ({
      openPair,
      eventually,
    }) => {
      const pair = await openPair()
      await pair[0].accounts.put(account(ALICE))
      const put = (i: number) => pair[i % 2]?.accounts.put(account(ALICE, { username: `alice-${i}` }))
      await Promise.all([...several(20, put), pair[1].accounts.remove(ALICE), ...several(20, put)])
      for (const { accounts } of pair) {
        equal(await accounts.put(account(ALICE)), 'id-retired')
        await eventually('the account is gone', () => accounts.all().length === 0)
        equal(accounts.byUsername('alice-1'), undefined)
      }
    },
  },
}

/** Stores that share a backend. */
const shared: Cases = {
  trait: 'accounts',
  needs: ['concurrent'],
  cases: {
    'announces what another store did, once it can be seen': async ({ openPair, eventually }) => {
      const [one, other] = await openPair()
      const seen: (ConformanceAccount | undefined)[] = []
      other.accounts.watch(({ id, account: now }) => {
        deepStrictEqual(other.accounts.get(id), now)
        seen.push(now)
      })
      const alice = account(ALICE, { extra: [2n ** 64n] })
      await one.accounts.put(alice)
      await eventually('the account is announced', () => seen.length === 1)
      deepStrictEqual(seen[0], alice)
      ok(isFrozen(other.accounts.get(ALICE)), 'frozen in the other store as well')
      deepStrictEqual(other.accounts.byUsername('alice'), alice)
      await one.accounts.remove(ALICE)
      await eventually('the removal is announced', () => seen.length === 2)
      equal(seen[1], undefined)
      equal(other.accounts.byUsername('alice'), undefined)
      deepEqual(other.accounts.all(), [])
    },
    'has what was stored before it was opened': async ({ open }) => {
      const one = await open()
      await one.accounts.put(account(ALICE))
      await one.accounts.put(account(BOB))
      await one.accounts.remove(BOB)
      const other = await open()
      deepStrictEqual(other.accounts.all(), [account(ALICE)])
    },
    'tells nothing to a store that was stopped': async ({ openPair, eventually }) => {
      const [one, other] = await openPair()
      const [mine, others] = [heard(one.accounts.watch), heard(other.accounts.watch)]
      await other.stop()
      await one.accounts.put(account(ALICE))
      await eventually('the account is announced', () => mine.length === 1)
      deepEqual(others, [])
    },
  },
}

export const sharedAccountCases: readonly Cases[] = [races, shared]
