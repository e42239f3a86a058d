import { setImmediate as turn } from 'node:timers/promises'
import type { AccountId } from '@ilp/service-core'
import type { CredentialChange, Link } from '@ilp/store-traits'
import { PlainAccounts, PlainCredentials } from '../plain-store.js'
import type { Broken } from './broken.js'

const credentials = (
  fault: string,
  Faulty: new () => PlainCredentials,
  caughtBy: readonly string[],
): Broken => ({
  fault,
  into: backend => {
    backend.credentials = new Faulty()
    backend.accounts = new PlainAccounts(backend.credentials)
  },
  caughtBy: caughtBy.map(title => `credentials: ${title}`),
})

export const brokenCredentials: readonly Broken[] = [
  credentials(
    'keeps tokens as they are',
    class extends PlainCredentials {
      override hash(token: string) {
        return token
      }
    },
    ['cannot be read from a dump, in any spelling'],
  ),
  credentials(
    'encodes outgoing tokens and calls it encryption',
    class extends PlainCredentials {
      override seal(token: string) {
        return Buffer.from(token).toString('base64url')
      }
      override outgoingToken(account: AccountId, link: Link) {
        const sealed = this.outgoing.get(`${account}/${link}`)
        return sealed && Buffer.from(sealed, 'base64url').toString()
      }
    },
    ['cannot be read from a dump, in any spelling'],
  ),
  credentials(
    'takes the token of one link for the other',
    class extends PlainCredentials {
      override authenticate(_: Link, token: string) {
        return super.authenticate('btp', token) ?? super.authenticate('http', token)
      }
    },
    ['tells whose incoming token it is, exactly and for its link alone'],
  ),
  credentials(
    'takes a token whose beginning is right',
    class extends PlainCredentials {
      override hash(token: string) {
        return super.hash(token.slice(0, 7))
      }
    },
    ['tells whose incoming token it is, exactly and for its link alone'],
  ),
  credentials(
    'adds tokens to those that are there',
    class extends PlainCredentials {
      override async setIncomingTokens(account: AccountId, link: Link, tokens: readonly string[]) {
        const before = this.incoming
        const outcome = await super.setIncomingTokens(account, link, tokens)
        if (outcome === 'stored') this.incoming = [...before, ...this.incoming]
        return outcome
      }
    },
    ['replaces the tokens of one account and link', 'gives a token that its account gave up to another'],
  ),
  credentials(
    'looks on one link only for who has a token',
    class extends PlainCredentials {
      override isTaken(account: AccountId, link: Link, hashes: readonly string[]) {
        return this.incoming.some(
          known => known.account !== account && known.link === link && hashes.includes(known.hash),
        )
      }
    },
    ['refuses a token that another account has on any link, and changes nothing'],
  ),
  credentials(
    'stores the tokens before the one that is taken',
    class extends PlainCredentials {
      override async setIncomingTokens(account: AccountId, link: Link, tokens: readonly string[]) {
        for (const [i] of tokens.entries()) {
          const outcome = await super.setIncomingTokens(account, link, tokens.slice(0, i + 1))
          if (outcome !== 'stored') return outcome
        }
        return tokens.length > 0 ? ('stored' as const) : super.setIncomingTokens(account, link, [])
      }
    },
    ['refuses a token that another account has on any link, and changes nothing'],
  ),
  credentials(
    'looks for the owner of a token in one turn and stores it in another',
    class extends PlainCredentials {
      override async setIncomingTokens(account: AccountId, link: Link, tokens: readonly string[]) {
        const hashes = tokens.map(token => this.hash(token))
        if (this.isTaken(account, link, hashes)) return 'token-taken' as const
        await turn()
        this.incoming = [...this.incoming, ...hashes.map(hash => ({ account, link, hash }))]
        return 'stored' as const
      }
    },
    ['gives a token to one of many accounts that ask for it at once'],
  ),
  credentials(
    'keeps one outgoing token for both links',
    class extends PlainCredentials {
      override setOutgoingToken(account: AccountId, _: Link, token: string | undefined) {
        return super.setOutgoingToken(account, 'btp', token)
      }
      override outgoingToken(account: AccountId) {
        return super.outgoingToken(account, 'btp')
      }
    },
    ['keeps an outgoing token for each account and link'],
  ),
  credentials(
    'announces tokens before they can be seen',
    class extends PlainCredentials {
      override async setIncomingTokens(account: AccountId, link: Link, tokens: readonly string[]) {
        const before = this.incoming
        const outcome = await super.setIncomingTokens(account, link, tokens)
        const after = this.incoming
        this.incoming = before
        this.tellNow()
        this.incoming = after
        return outcome
      }
      readonly held: CredentialChange[] = []
      override announce(change: CredentialChange): void {
        this.held.push(change)
      }
      override async setOutgoingToken(account: AccountId, link: Link, token: string | undefined) {
        await super.setOutgoingToken(account, link, token)
        this.tellNow()
      }
      tellNow(): void {
        for (const change of this.held.splice(0)) super.announce(change)
      }
    },
    [
      'are announced once they can be seen, incoming and outgoing ones',
      'are announced in another store, once they can be seen there',
    ],
  ),
  credentials(
    'announces tokens that it did not take',
    class extends PlainCredentials {
      override async setIncomingTokens(account: AccountId, link: Link, tokens: readonly string[]) {
        const outcome = await super.setIncomingTokens(account, link, tokens)
        if (outcome === 'token-taken') this.announce({ account, link })
        return outcome
      }
    },
    ['are not announced where a token is taken'],
  ),
  credentials(
    'announces incoming tokens alone',
    class extends PlainCredentials {
      override async setOutgoingToken(account: AccountId, link: Link, token: string | undefined) {
        if (token === undefined) this.outgoing.delete(`${account}/${link}`)
        else this.outgoing.set(`${account}/${link}`, this.seal(token, account))
      }
    },
    [
      'are announced once they can be seen, incoming and outgoing ones',
      'are announced in another store, once they can be seen there',
    ],
  ),
  credentials(
    'announces nothing when an account takes its tokens along',
    class extends PlainCredentials {
      #isSilent = false
      override forget(account: AccountId): void {
        this.#isSilent = true
        super.forget(account)
        this.#isSilent = false
      }
      override announce(change: CredentialChange): void {
        if (!this.#isSilent) super.announce(change)
      }
    },
    [
      'are announced when they go with their account, for each link that had some',
      'are announced in another store as well when they go with their account',
    ],
  ),
]
