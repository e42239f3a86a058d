import type { AccountId, Relation } from '@ilp/service-core'

/** Where a route comes from. */
export type RouteOrigin =
  /** The operator says so. */
  | 'static'
  /** It is this node's own address. */
  | 'own'
  /** It is the account's own address. */
  | 'account'
  /** The account's peer has told it (CCP). */
  | 'learned'

/** A way to a prefix that may be chosen. */
export interface Candidate {
  readonly prefix: string
  /** The next hop; undefined for this node itself. */
  readonly account: AccountId | undefined
  /** What the next hop is to this node. */
  readonly relation: Relation | undefined
  readonly origin: RouteOrigin
  /** Whether the link to the next hop is known to be down, which leaves the route as the last resort. */
  readonly isDown: boolean
  /** The ILP addresses of the nodes on the way, the next hop first, as far as they are known. */
  readonly path: readonly string[]
  /** 32 octets. */
  readonly auth: Uint8Array
}

const PREFERENCE: Record<Relation, number> = { local: 1, child: 2, peer: 3, parent: 4 }
const LAST_RESORT = 5

function preference({ origin, relation, isDown }: Candidate): number {
  if (origin === 'static') return 0
  if (isDown) return LAST_RESORT
  return relation === undefined ? 1 : PREFERENCE[relation]
}

/**
 * Negative when `one` is the better way: static routes first, then those of customers, who pay, of peers, and of
 * parents, who are paid (Gao and Rexford); then the shorter path, and last the account's id, so that all is decided.
 */
export function compareCandidates(one: Candidate, other: Candidate): number {
  const byPreference = preference(one) - preference(other)
  if (byPreference !== 0) return byPreference
  const byLength = one.path.length - other.path.length
  if (byLength !== 0) return byLength
  const [first = '', second = ''] = [one.account, other.account]
  if (first !== second) return first < second ? -1 : 1
  // Of one account: what its peer tells carries the origin's own code.
  return Number(other.origin === 'learned') - Number(one.origin === 'learned')
}
