import { equal, ok } from 'node:assert/strict'
import { accountId } from '@ilp/service-core'
import type { Link } from '@ilp/store-traits'
import { ALICE, account, BOB, several } from './given.js'
import type { AnyStore, Cases, Scene } from './scene.js'

const LINKS: readonly Link[] = ['btp', 'http']

/** A store that has these accounts, if it has accounts at all. */
async function withAccounts(scene: Scene): Promise<AnyStore> {
  const store = await scene.open()
  for (const id of [ALICE, BOB]) await store.accounts?.put(account(id))
  return store
}

const alone: Cases = {
  trait: 'credentials',
  cases: {
    'knows no token at first': async scene => {
      const { credentials } = await withAccounts(scene)
      for (const link of LINKS) {
        equal(credentials.authenticate(link, 'a token'), undefined)
        equal(credentials.authenticate(link, ''), undefined)
        equal(credentials.outgoingToken(ALICE, link), undefined)
      }
    },
    'tells whose incoming token it is, exactly and for its link alone': async scene => {
      const { credentials } = await withAccounts(scene)
      equal(await credentials.setIncomingTokens(ALICE, 'btp', ['alice-1', 'älice ☃ 2']), 'stored')
      equal(await credentials.setIncomingTokens(BOB, 'http', ['bob']), 'stored')
      equal(credentials.authenticate('btp', 'alice-1'), ALICE)
      equal(credentials.authenticate('btp', 'älice ☃ 2'), ALICE)
      equal(credentials.authenticate('http', 'bob'), BOB)
      equal(credentials.authenticate('http', 'alice-1'), undefined)
      equal(credentials.authenticate('btp', 'bob'), undefined)
      for (const wrong of ['alice-', 'alice-11', 'Alice-1', ' alice-1', 'alice-1\n', '']) {
        equal(credentials.authenticate('btp', wrong), undefined)
      }
    },
    'replaces the tokens of one account and link': async scene => {
      const { credentials } = await withAccounts(scene)
      for (const link of LINKS) await credentials.setIncomingTokens(ALICE, link, ['one', 'two'])
      await credentials.setIncomingTokens(BOB, 'btp', ['bob'])
      equal(await credentials.setIncomingTokens(ALICE, 'btp', ['two', 'three', 'three']), 'stored')
      equal(credentials.authenticate('btp', 'one'), undefined)
      equal(credentials.authenticate('btp', 'two'), ALICE)
      equal(credentials.authenticate('btp', 'three'), ALICE)
      equal(credentials.authenticate('http', 'one'), ALICE)
      equal(credentials.authenticate('btp', 'bob'), BOB)
      equal(await credentials.setIncomingTokens(ALICE, 'btp', []), 'stored')
      equal(credentials.authenticate('btp', 'two'), undefined)
      equal(credentials.authenticate('http', 'two'), ALICE)
    },
    'refuses a token that another account has on any link, and changes nothing': async scene => {
      const { credentials } = await withAccounts(scene)
      await credentials.setIncomingTokens(ALICE, 'btp', ['alice'])
      await credentials.setIncomingTokens(BOB, 'btp', ['bob'])
      for (const link of LINKS) {
        equal(await credentials.setIncomingTokens(BOB, link, ['new', 'alice']), 'token-taken')
        equal(credentials.authenticate(link, 'new'), undefined)
      }
      equal(credentials.authenticate('btp', 'alice'), ALICE)
      equal(credentials.authenticate('btp', 'bob'), BOB)
    },
    'gives a token that its account gave up to another': async scene => {
      const { credentials } = await withAccounts(scene)
      await credentials.setIncomingTokens(ALICE, 'btp', ['token'])
      await credentials.setIncomingTokens(ALICE, 'btp', ['other'])
      equal(await credentials.setIncomingTokens(BOB, 'btp', ['token']), 'stored')
      equal(credentials.authenticate('btp', 'token'), BOB)
    },
    'gives a token to one of many accounts that ask for it at once': async scene => {
      const ids = several(60, i => accountId(`a${i}`))
      const pair = await scene.openPair()
      for (const id of ids) await pair[0].accounts?.put(account(id))
      const outcomes = await Promise.all(
        ids.map((id, i) =>
          pair[i % 2]?.credentials.setIncomingTokens(id, LINKS[i % 3] ?? 'btp', ['popular']),
        ),
      )
      equal(outcomes.filter(outcome => outcome === 'stored').length, 1)
      const owner = outcomes.indexOf('stored')
      const [{ credentials }] = pair
      await scene.eventually('its owner is known', () =>
        LINKS.some(link => credentials.authenticate(link, 'popular') === ids[owner]),
      )
    },
    'keeps an outgoing token for each account and link': async scene => {
      const { credentials } = await withAccounts(scene)
      const long = 'ü'.repeat(5_000)
      await credentials.setOutgoingToken(ALICE, 'btp', 'to alice')
      await credentials.setOutgoingToken(ALICE, 'http', long)
      await credentials.setOutgoingToken(BOB, 'btp', 'to alice')
      equal(credentials.outgoingToken(ALICE, 'btp'), 'to alice')
      equal(credentials.outgoingToken(ALICE, 'http'), long)
      equal(credentials.outgoingToken(BOB, 'btp'), 'to alice')
      equal(credentials.outgoingToken(BOB, 'http'), undefined)
      await credentials.setOutgoingToken(ALICE, 'btp', 'another')
      equal(credentials.outgoingToken(ALICE, 'btp'), 'another')
      await credentials.setOutgoingToken(ALICE, 'btp', undefined)
      equal(credentials.outgoingToken(ALICE, 'btp'), undefined)
      equal(credentials.outgoingToken(ALICE, 'http'), long)
      equal(credentials.authenticate('btp', 'to alice'), undefined)
    },
  },
}

const withAccountsTrait: Cases = {
  trait: 'credentials',
  needs: ['accounts'],
  cases: {
    'go with their account, and their tokens are free again': async scene => {
      const { accounts, credentials } = await withAccounts(scene)
      for (const link of LINKS) {
        await credentials.setIncomingTokens(ALICE, link, ['incoming'])
        await credentials.setOutgoingToken(ALICE, link, 'outgoing')
      }
      await accounts.remove(ALICE)
      for (const link of LINKS) {
        equal(credentials.authenticate(link, 'incoming'), undefined)
        equal(credentials.outgoingToken(ALICE, link), undefined)
      }
      equal(await credentials.setIncomingTokens(BOB, 'btp', ['incoming']), 'stored')
      equal(credentials.authenticate('btp', 'incoming'), BOB)
    },
    'stay when their account is stored anew': async scene => {
      const { accounts, credentials } = await withAccounts(scene)
      await credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await credentials.setOutgoingToken(ALICE, 'btp', 'outgoing')
      await accounts.put(account(ALICE, { username: 'alicia' }))
      equal(credentials.authenticate('btp', 'incoming'), ALICE)
      equal(credentials.outgoingToken(ALICE, 'btp'), 'outgoing')
    },
  },
}

const shared: Cases = {
  trait: 'credentials',
  needs: ['concurrent'],
  cases: {
    'are in force in another store': async scene => {
      const one = await withAccounts(scene)
      const { credentials } = await scene.open()
      await one.credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await one.credentials.setOutgoingToken(ALICE, 'http', 'outgoing')
      await scene.eventually('the tokens are known', () => {
        const isKnown = credentials.authenticate('btp', 'incoming') === ALICE
        return isKnown && credentials.outgoingToken(ALICE, 'http') === 'outgoing'
      })
      await one.credentials.setIncomingTokens(ALICE, 'btp', ['next'])
      await one.credentials.setOutgoingToken(ALICE, 'http', 'next')
      await scene.eventually('the tokens are replaced', () => {
        const isKnown = credentials.authenticate('btp', 'next') === ALICE
        return isKnown && credentials.outgoingToken(ALICE, 'http') === 'next'
      })
      equal(credentials.authenticate('btp', 'incoming'), undefined)
    },
  },
}

const sharedWithAccounts: Cases = {
  trait: 'credentials',
  needs: ['concurrent', 'accounts'],
  cases: {
    'go in another store as well when their account is removed': async scene => {
      const one = await withAccounts(scene)
      await one.credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await one.credentials.setOutgoingToken(ALICE, 'btp', 'outgoing')
      const { credentials } = await scene.open()
      equal(credentials.authenticate('btp', 'incoming'), ALICE)
      await one.accounts.remove(ALICE)
      await scene.eventually('the tokens are gone', () => {
        const isKnown = credentials.authenticate('btp', 'incoming') !== undefined
        return !isKnown && credentials.outgoingToken(ALICE, 'btp') === undefined
      })
    },
  },
}

const kept: Cases = {
  trait: 'credentials',
  needs: ['durable'],
  cases: {
    'outlive a restart': async scene => {
      const before = await withAccounts(scene)
      await before.credentials.setIncomingTokens(ALICE, 'btp', ['incoming'])
      await before.credentials.setOutgoingToken(ALICE, 'http', 'outgoing')
      await before.stop()
      const { credentials } = await scene.open()
      equal(credentials.authenticate('btp', 'incoming'), ALICE)
      equal(credentials.outgoingToken(ALICE, 'http'), 'outgoing')
      equal(await credentials.setIncomingTokens(BOB, 'http', ['incoming']), 'token-taken')
    },
  },
}

const secret: Cases = {
  trait: 'credentials',
  needs: ['dump'],
  cases: {
    'cannot be read from a dump, in any spelling': async scene => {
      const { credentials } = await withAccounts(scene)
      const tokens = { incoming: 'correct-horse-battery-staple', outgoing: 'Tr0ub4dor&3-for-the-peer' }
      for (const link of LINKS) {
        await credentials.setIncomingTokens(ALICE, link, [tokens.incoming])
        await credentials.setOutgoingToken(ALICE, link, tokens.outgoing)
      }
      const dump = await scene.dump()
      ok(dump.includes(ALICE), 'the dump shows what the backend holds')
      for (const [kind, token] of Object.entries(tokens)) {
        for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const) {
          // The last characters of base64 depend on what follows.
          const spelling = Buffer.from(token).toString(encoding).slice(0, 20)
          ok(!dump.toLowerCase().includes(spelling.toLowerCase()), `${kind} token as ${encoding}`)
        }
      }
    },
  },
}

export const credentialCases: readonly Cases[] = [
  alone,
  withAccountsTrait,
  shared,
  sharedWithAccounts,
  kept,
  secret,
]
