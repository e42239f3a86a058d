import { deepEqual, equal } from 'node:assert/strict'
import type { CredentialChange, Link } from '@ilp/store-traits'
import { ALICE, account, BOB, heard } from './given.js'
import type { AnyStore, Cases, Scene } from './scene.js'

const LINKS: readonly Link[] = ['btp', 'http']

/** A store that has these accounts, if it has accounts at all. */
async function withAccounts(scene: Scene): Promise<AnyStore> {
  const store = await scene.open()
  for (const id of [ALICE, BOB]) await store.accounts?.put(account(id))
  return store
}

const btp: CredentialChange = { account: ALICE, link: 'btp' }
const http: CredentialChange = { account: ALICE, link: 'http' }

/** What a store knows of alice's tokens, each time that it tells of some. */
function seenBy({ credentials }: AnyStore): readonly unknown[] {
  const seen: unknown[] = []
  credentials.watch(({ account: id, link }) => {
    seen.push([id, link, credentials.authenticate(link, 'incoming'), credentials.outgoingToken(id, link)])
  })
  return seen
}

const alone: Cases = {
  trait: 'credentials',
  cases: {
    'are announced once they can be seen, incoming and outgoing ones': async scene => {
      const store = await withAccounts(scene)
      const { credentials } = store
      const seen = seenBy(store)
      const changes = heard(credentials.watch)
      const steps = [
        () => credentials.setIncomingTokens(ALICE, 'btp', ['incoming']),
        () => credentials.setOutgoingToken(ALICE, 'btp', 'outgoing'),
        () => credentials.setOutgoingToken(ALICE, 'http', 'another'),
        () => credentials.setIncomingTokens(ALICE, 'btp', []),
        () => credentials.setOutgoingToken(ALICE, 'btp', undefined),
      ]
      for (const [i, step] of steps.entries()) {
        await step()
        await scene.eventually('the tokens are announced', () => changes.length === i + 1)
      }
      deepEqual(seen, [
        [ALICE, 'btp', ALICE, undefined],
        [ALICE, 'btp', ALICE, 'outgoing'],
        [ALICE, 'http', undefined, 'another'],
        [ALICE, 'btp', undefined, 'outgoing'],
        [ALICE, 'btp', undefined, undefined],
      ])
      deepEqual(changes, [btp, btp, http, btp, btp])
    },
    'are not announced where a token is taken': async scene => {
      const { credentials } = await withAccounts(scene)
      await credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await scene.eventually(
        'the token is known',
        () => credentials.authenticate('btp', 'incoming') === ALICE,
      )
      const changes = heard(credentials.watch)
      for (const link of LINKS) {
        equal(await credentials.setIncomingTokens(BOB, link, ['incoming']), 'token-taken')
      }
      await credentials.setOutgoingToken(ALICE, 'http', 'outgoing')
      await scene.eventually('a token is announced', () => changes.length > 0)
      deepEqual(changes, [http])
    },
    'are told to the others when a listener throws, and not to those who have left': async scene => {
      const { credentials } = await withAccounts(scene)
      credentials.watch(() => {
        throw new Error('a listener that throws')
      })
      const left: CredentialChange[] = []
      const leave = credentials.watch(change => void left.push(change))
      leave()
      const changes = heard(credentials.watch)
      await credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await scene.eventually('the token is announced', () => changes.length === 1)
      deepEqual(left, [])
    },
  },
}

const withAccountsTrait: Cases = {
  trait: 'credentials',
  needs: ['accounts'],
  cases: {
    'are announced when they go with their account, for each link that had some': async scene => {
      const store = await withAccounts(scene)
      await store.credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await store.credentials.setOutgoingToken(ALICE, 'http', 'outgoing')
      await store.credentials.setIncomingTokens(BOB, 'http', ["bob's"])
      await scene.eventually(
        'the tokens are known',
        () => store.credentials.authenticate('http', "bob's") === BOB,
      )
      const seen = seenBy(store)
      const changes = heard(store.credentials.watch)
      await store.accounts.remove(ALICE)
      await store.accounts.remove(BOB)
      await scene.eventually('all is announced', () => changes.length === 3)
      const told = (change: CredentialChange) => `${change.account} ${change.link}`
      deepEqual(changes.map(told).sort(), ['alice btp', 'alice http', 'bob http'])
      deepEqual(new Set(seen.map(each => (each as unknown[]).slice(2).join())), new Set([',']))
    },
  },
}

const shared: Cases = {
  trait: 'credentials',
  needs: ['concurrent'],
  cases: {
    'are announced in another store, once they can be seen there': async scene => {
      const one = await withAccounts(scene)
      const other = await scene.open()
      const seen = seenBy(other)
      await one.credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await scene.eventually('the incoming token is announced', () => seen.length === 1)
      await one.credentials.setOutgoingToken(ALICE, 'btp', 'outgoing')
      await scene.eventually('the outgoing token is announced', () => seen.length === 2)
      deepEqual(seen, [
        [ALICE, 'btp', ALICE, undefined],
        [ALICE, 'btp', ALICE, 'outgoing'],
      ])
    },
  },
}

const sharedWithAccounts: Cases = {
  trait: 'credentials',
  needs: ['concurrent', 'accounts'],
  cases: {
    'are announced in another store as well when they go with their account': async scene => {
      const one = await withAccounts(scene)
      await one.credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await one.credentials.setOutgoingToken(ALICE, 'btp', 'outgoing')
      const other = await scene.open()
      const seen = seenBy(other)
      await one.accounts.remove(ALICE)
      await scene.eventually('it is announced that they are gone', () => seen.length === 1)
      deepEqual(seen, [[ALICE, 'btp', undefined, undefined]])
    },
  },
}

export const credentialFeedCases: readonly Cases[] = [alone, withAccountsTrait, shared, sharedWithAccounts]
