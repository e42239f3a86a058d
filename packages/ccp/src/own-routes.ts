import { createHmac } from 'node:crypto'
import type { Candidate } from '@ilp/ccp-packet'
import type { AccountId, Relation } from '@ilp/service-core'
import type { StaticRoute } from '@ilp/store-traits'

/** An account, as far as this node's own routes need it. */
export interface Neighbour {
  readonly id: AccountId
  readonly relation: Relation
  /** Its own ILP address, if it is known. */
  readonly address: string | undefined
  readonly isDown: boolean
}

export interface OwnRoutesSources {
  /** This node's ILP address; empty while it has none. */
  readonly address: string
  readonly neighbours: readonly Neighbour[]
  readonly staticRoutes: readonly StaticRoute[]
  /** Signs the routes that begin here. */
  readonly secret: Uint8Array
}

/**
 * What this node knows without being told: its own address, everything to the parent, each account's own address to
 * the account, and static routes, which win over all of these. Routes to accounts that are no more are none.
 */
export function ownRoutes(sources: OwnRoutesSources): Map<string, Candidate> {
  const { address, neighbours, staticRoutes, secret } = sources
  const found = new Map<string, Candidate>()
  const add = (prefix: string, origin: Candidate['origin'], to?: Neighbour) => {
    found.set(prefix, {
      prefix,
      account: to?.id,
      relation: to?.relation,
      origin,
      isDown: to?.isDown ?? false,
      path: to?.address === undefined ? [] : [to.address],
      auth: createHmac('sha256', secret).update(prefix).digest(),
    })
  }
  if (address !== '') add(address, 'own')
  for (const neighbour of neighbours) {
    if (neighbour.relation === 'parent') add('', 'account', neighbour)
    if (neighbour.address !== undefined) add(neighbour.address, 'account', neighbour)
  }
  const byId = new Map(neighbours.map(neighbour => [neighbour.id, neighbour]))
  for (const { prefix, account } of staticRoutes) {
    const to = byId.get(account)
    if (to) add(prefix, 'static', to)
  }
  return found
}

/** Whether the two, which are of one prefix, are the same. */
export const isSameRoute = (one: Candidate, other: Candidate | undefined): boolean =>
  one.account === other?.account &&
  one.relation === other?.relation &&
  one.origin === other?.origin &&
  one.isDown === other?.isDown &&
  one.path[0] === other?.path[0]
