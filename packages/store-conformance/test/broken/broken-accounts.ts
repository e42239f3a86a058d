import { setImmediate as turn } from 'node:timers/promises'
import type { AccountId } from '@ilp/service-core'
import type { ConformanceAccount } from '../../src/index.js'
import { PlainAccounts, type PlainCredentials } from '../plain-store.js'
import type { Broken } from './broken.js'

const accounts = (
  fault: string,
  Faulty: new (credentials: PlainCredentials) => PlainAccounts,
  caughtBy: readonly string[],
): Broken => ({
  fault,
  into: backend => {
    backend.accounts = new Faulty(backend.credentials)
  },
  caughtBy: caughtBy.map(title => (title.includes(': ') ? title : `accounts: ${title}`)),
})

export const brokenAccounts: readonly Broken[] = [
  accounts(
    'removes an account and leaves its credentials',
    class extends PlainAccounts {
      override async remove(id: AccountId): Promise<void> {
        if (this.accounts.delete(id)) this.announce({ id, account: undefined })
        this.retired.add(id)
      }
    },
    [
      'credentials: go with their account, and their tokens are free again',
      'credentials: go in another store as well when their account is removed',
    ],
  ),
  accounts(
    'drops the credentials of an account that is stored anew',
    class extends PlainAccounts {
      override store(account: ConformanceAccount) {
        this.credentials.forget(account.id)
        super.store(account)
      }
    },
    ['credentials: stay when their account is stored anew'],
  ),
  accounts(
    'lets ids be used again',
    class extends PlainAccounts {
      override judge(account: ConformanceAccount) {
        this.retired.clear()
        return super.judge(account)
      }
    },
    [
      'removes an account, frees its username and retires its id',
      'keeps accounts and retired ids over a restart',
    ],
  ),
  accounts(
    'retires ids that were never used',
    class extends PlainAccounts {
      override async remove(id: AccountId): Promise<void> {
        await super.remove(id)
        this.retired.add(id)
      }
    },
    ['removes nothing where there is no account, and retires no id'],
  ),
  accounts(
    'lets an asset change',
    class extends PlainAccounts {
      override judge(account: ConformanceAccount) {
        const outcome = super.judge(account)
        return outcome === 'asset-fixed' ? 'stored' : outcome
      }
    },
    [
      'refuses to change the asset of an account, and changes nothing',
      'fixes one asset when an account is created with several at once',
    ],
  ),
  accounts(
    'lets a username be taken twice',
    class extends PlainAccounts {
      override judge(account: ConformanceAccount) {
        const outcome = super.judge(account)
        return outcome === 'username-taken' ? 'stored' : outcome
      }
    },
    ['refuses a username that another account has, and changes nothing'],
  ),
  accounts(
    'refuses what it has stored already',
    class extends PlainAccounts {
      override async put(account: ConformanceAccount) {
        const outcome = this.judge(account)
        this.store(this.copy(account))
        return outcome
      }
    },
    ['refuses a username that another account has, and changes nothing'],
  ),
  accounts(
    'checks and stores in different turns',
    class extends PlainAccounts {
      override async put(account: ConformanceAccount) {
        const outcome = this.judge(account)
        await turn()
        if (outcome === 'stored') this.store(this.copy(account))
        return outcome
      }
    },
    [
      'gives a username to one of many that ask for it at once',
      'fixes one asset when an account is created with several at once',
      'leaves nothing of an account that is removed while others store it',
    ],
  ),
  accounts(
    'gives out what can be changed',
    class extends PlainAccounts {
      override copy(account: ConformanceAccount) {
        return account
      }
    },
    ['gives frozen accounts that nobody can change through what was put'],
  ),
  accounts(
    'keeps plain data as JSON does, large numbers as doubles',
    class extends PlainAccounts {
      override copy(account: ConformanceAccount) {
        const json = JSON.stringify(account, (_, value) =>
          typeof value === 'bigint' ? Number(value) : value,
        )
        return super.copy(JSON.parse(json) as ConformanceAccount)
      }
    },
    [
      'keeps whatever plain data services bring',
      'finds a stored account by its id, by its username and among all',
    ],
  ),
  accounts(
    'takes text that looks like a bigint for one',
    class extends PlainAccounts {
      override copy(account: ConformanceAccount) {
        const json = JSON.stringify(account, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
        const revive = (_: string, value: unknown) =>
          typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value
        return super.copy(JSON.parse(json, revive) as ConformanceAccount)
      }
    },
    ['keeps whatever plain data services bring'],
  ),
  accounts(
    'merges an account into what it had',
    class extends PlainAccounts {
      override store(account: ConformanceAccount) {
        super.store(this.copy({ ...this.accounts.get(account.id), ...account }))
      }
    },
    ['replaces an account whole'],
  ),
  accounts(
    'finds an account by usernames that it had',
    class extends PlainAccounts {
      readonly former = new Map<string, AccountId>()
      override store(account: ConformanceAccount) {
        this.former.set(account.username, account.id)
        super.store(account)
      }
      override byUsername(username: string) {
        return super.byUsername(username) ?? this.accounts.get(this.former.get(username) as AccountId)
      }
    },
    ['frees a username that its account gives up'],
  ),
  accounts(
    'announces a change before it can be seen',
    class extends PlainAccounts {
      override store(account: ConformanceAccount) {
        this.announce({ id: account.id, account })
        this.accounts.set(account.id, account)
      }
    },
    ['announces each change once it can be seen', 'announces what another store did, once it can be seen'],
  ),
  accounts(
    'lets a listener that throws stop everybody',
    class extends PlainAccounts {
      override tell(
        tell: Parameters<PlainAccounts['tell']>[0],
        change: Parameters<PlainAccounts['tell']>[1],
      ) {
        tell(change)
      }
    },
    ['tells the others when a listener throws, and does what was asked'],
  ),
  accounts(
    'tells listeners that have left',
    class extends PlainAccounts {
      override watch = (tell: Parameters<PlainAccounts['tell']>[0]) => {
        this.listeners.push({ tell })
        return () => {}
      }
    },
    ['tells nothing to those who have left'],
  ),
  accounts(
    'announces the change of a listener in the midst of the one that it was told of',
    class extends PlainAccounts {
      override announce(change: Parameters<PlainAccounts['tell']>[1]) {
        for (const { tell } of [...this.listeners]) this.tell(tell, change)
      }
    },
    ['announces changes that a listener makes behind those it was told of'],
  ),
  accounts(
    'announces nothing',
    class extends PlainAccounts {
      override announce() {}
    },
    [
      'announces what another store did, once it can be seen',
      'ends with one account, announced last, when many store it at once',
      'tells nothing to a store that was stopped',
    ],
  ),
]
