import type { AccountId, Relation } from '@ilp/service-core'
import type { Announcer } from './announcer.js'
import type { CcpAccount } from './deps.js'
import type { Listener } from './listener.js'

/** What decides how routes are exchanged with an account. */
export interface PeerTerms {
  readonly relation: Relation
  /** Its own ILP address, if it is known. */
  readonly address: string | undefined
  readonly sendRoutes: boolean
  readonly receiveRoutes: boolean
}

/** An account that routes are exchanged with. */
export interface Peer extends PeerTerms {
  readonly id: AccountId
  /** Undefined where it is told no routes. */
  readonly announcer: Announcer | undefined
  /** Undefined where none are taken of it. */
  readonly listener: Listener | undefined
}

/** Undefined for an account that no routes are exchanged with. */
export function termsOf(account: CcpAccount, address: string | undefined): PeerTerms | undefined {
  const { relation } = account
  const byDefault = relation !== 'local'
  const { sendRoutes = byDefault, receiveRoutes = byDefault } = account
  return sendRoutes || receiveRoutes ? { relation, address, sendRoutes, receiveRoutes } : undefined
}

export const isSameTerms = (one: PeerTerms, other: PeerTerms): boolean =>
  one.relation === other.relation &&
  one.address === other.address &&
  one.sendRoutes === other.sendRoutes &&
  one.receiveRoutes === other.receiveRoutes
