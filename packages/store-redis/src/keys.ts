import type { AccountId } from '@ilp/service-core'
import type { SessionId } from '@ilp/store-traits'

/** Where everything is. All keys share the hash tag, so that a Redis Cluster keeps them together. */
export interface Keys {
  /** The version of this layout. */
  readonly schema: string
  /** Counts the changes of everything that stores hold in memory. */
  readonly revision: string
  /** The channel on which they are told. */
  readonly changes: string
  /** Hash: id → account. */
  readonly accounts: string
  /** Hash: username → id. */
  readonly usernames: string
  /** Hash: id → username and asset. */
  readonly heads: string
  /** Set: ids of accounts that were removed. */
  readonly retired: string
  /** Hash: link and id → hashes of incoming tokens. */
  readonly incoming: string
  /** Hash: link and hash → id. */
  readonly owners: string
  /** Hash: link and id → encrypted outgoing token. */
  readonly outgoing: string
  /** Hash: what is known of the node itself. */
  readonly node: string
  /** Hash: prefix → id. */
  readonly routes: string
  /** Hash: id → balance, held out, held in. */
  readonly balances: string
  /** Hash: scale and code → balance. */
  readonly positions: string
  /** Hash: scale and code → counterpart of settlements. */
  readonly settled: string
  /** Hash: scale and code → counterpart of adjustments. */
  readonly adjusted: string
  /** Hash: key → settlement that its engine has not acknowledged. */
  readonly outbox: string
  /** Hash: id → the account's key in the outbox. */
  readonly waiting: string
  /** Hash: id → what incoming settlements left over, amount and scale. */
  readonly leftovers: string
  /** What was asked under the key of an incoming settlement, and credited. */
  readonly credit: (key: string) => string
  /** Hash: key → adjustment. */
  readonly adjustments: string
  /** List: keys of the account's adjustments, the newest first. */
  readonly adjustmentsOf: (id: AccountId) => string
  /** A token bucket that is not full. */
  readonly bucket: (name: string) => string
  /** Set: ids of sessions that have not ended. */
  readonly live: string
  /** Hash: one session. */
  readonly session: (id: SessionId) => string
  /** Hash: id → what the session holds of it, out and in. */
  readonly holds: (id: SessionId) => string
}

export function keys(prefix: string): Keys {
  if (!/^[^{}]+$/.test(prefix)) throw new TypeError('a prefix is a text without braces')
  const key = (name: string) => `{${prefix}}:${name}`
  return {
    schema: key('schema'),
    revision: key('revision'),
    changes: key('changes'),
    accounts: key('accounts'),
    usernames: key('usernames'),
    heads: key('heads'),
    retired: key('retired'),
    incoming: key('incoming'),
    owners: key('owners'),
    outgoing: key('outgoing'),
    node: key('node'),
    routes: key('routes'),
    balances: key('balances'),
    positions: key('positions'),
    settled: key('settled'),
    adjusted: key('adjusted'),
    outbox: key('outbox'),
    waiting: key('waiting'),
    leftovers: key('leftovers'),
    credit: name => key(`credit:${name}`),
    adjustments: key('adjustments'),
    adjustmentsOf: id => key(`adjustments:${id}`),
    bucket: name => key(`bucket:${name}`),
    live: key('live'),
    session: id => key(`session:${id}`),
    holds: id => key(`holds:${id}`),
  }
}
