import { hash } from 'node:crypto'
import { type AccountId, hasPrefix, isAddress, type Relation, scheme } from '@ilp/service-core'
import type { Candidate } from './candidate.js'
import { type AdvertisedRoute, sizeOfRoute } from './update.js'

/** Octets of the longest route that is told: two have room in one packet. */
export const ROUTE_OCTETS_MAX = 15_000

/** A peer, as far as the rules on its routes need it. */
export interface RouteTeller {
  readonly relation: Relation
  /** Its own ILP address, if it is known. */
  readonly address: string | undefined
}

export interface AcceptanceRules {
  /** This node's own ILP address. */
  readonly own: string
  /** The longest path that is taken, in addresses. */
  readonly pathMax: number
}

/**
 * Whether a route may be taken from this peer. It has to lead into this node's own network, to more than a bare
 * scheme; by a path of existing addresses that isn't too long and doesn't come through here; and to where the peer has
 * a say: a child inside its own address space, others outside of this node's.
 */
export function isAcceptable(
  { prefix, path }: Pick<AdvertisedRoute, 'prefix' | 'path'>,
  { relation, address }: RouteTeller,
  { own, pathMax }: AcceptanceRules,
): boolean {
  if (!isAddress(prefix) || scheme(prefix) !== scheme(own) || prefix === own) return false
  if (path.length === 0 || path.length > pathMax) return false
  if (path.includes(own) || !path.every(isAddress)) return false
  const isBelowOurs = hasPrefix(prefix, own)
  if (relation !== 'child') return !isBelowOurs
  if (address === undefined || !hasPrefix(prefix, address)) return false
  return !isBelowOurs || hasPrefix(address, own)
}

/** The code for a prefix on its next hop: no node can tell from it what the one before had. */
const hashed = (auth: Uint8Array): Uint8Array => hash('sha256', auth, 'buffer')

/**
 * The chosen route as this node tells it to others; undefined when it is nobody's business: outside of this node's
 * own network, a bare scheme, inside its own address space, which its own address stands for, over a link that is
 * down, or longer than `ROUTE_OCTETS_MAX`.
 */
export function advertised(
  { prefix, path, auth, isDown }: Candidate,
  own: string,
): AdvertisedRoute | undefined {
  if (isDown || !isAddress(prefix) || scheme(prefix) !== scheme(own)) return undefined
  if (prefix !== own && hasPrefix(prefix, own)) return undefined
  const route = { prefix, path: [own, ...path], auth: hashed(auth), properties: [] }
  return sizeOfRoute(route) > ROUTE_OCTETS_MAX ? undefined : route
}

/**
 * Whether a chosen route is told to this peer (Gao and Rexford): what leads to customers, or to this node itself, to
 * everybody; what leads to peers and parents only to customers, since nobody else pays for it. Nobody is told the
 * routes that lead to itself.
 */
export function isTold(
  { account, relation, origin }: Candidate,
  to: { readonly id: AccountId; readonly relation: Relation },
): boolean {
  if (account === to.id) return false
  const isCustomers = relation === undefined || relation === 'child' || relation === 'local'
  return isCustomers || origin === 'static' || to.relation === 'child'
}
