import type { Asset } from '@ilp/service-core'

/** Three connectors in a row: `a` and `b` speak BTP with each other, `b` and `c` HTTP. */
export const NODES = ['a', 'b', 'c'] as const
export type Node = (typeof NODES)[number]

export const RATES = { USD: '1', EUR: '1.08', XRP: '0.5237' } as const

/** What each connector keeps of every exchange. */
export const SPREADS: Readonly<Record<Node, string>> = { a: '0.002', b: '0', c: '0.01' }

/** How the balance with a neighbour is counted, at both ends. */
export const LINK_ASSETS = { ab: { code: 'USD', scale: 9 }, bc: { code: 'EUR', scale: 4 } } as const
export type Link = keyof typeof LINK_ASSETS

export interface EndpointSpec {
  readonly node: Node
  readonly link: 'btp' | 'http'
  readonly asset: Asset
  /** None in practice unless set. */
  readonly minBalance?: bigint
  readonly maxPacketAmount?: bigint
}

export const ENDPOINTS = {
  alice: { node: 'a', link: 'btp', asset: { code: 'USD', scale: 6 } },
  anna: { node: 'a', link: 'http', asset: { code: 'EUR', scale: 2 } },
  small: { node: 'a', link: 'btp', asset: { code: 'XRP', scale: 9 }, maxPacketAmount: 1_000n },
  bert: { node: 'b', link: 'btp', asset: { code: 'XRP', scale: 3 } },
  poor: { node: 'b', link: 'btp', asset: { code: 'EUR', scale: 4 }, minBalance: 0n },
  carl: { node: 'c', link: 'btp', asset: { code: 'XRP', scale: 6 } },
  clara: { node: 'c', link: 'http', asset: { code: 'USD', scale: 0 } },
} as const satisfies Record<string, EndpointSpec>

export type Name = keyof typeof ENDPOINTS
export const NAMES = Object.keys(ENDPOINTS) as readonly Name[]
export const specOf = (name: Name): EndpointSpec => ENDPOINTS[name]

export const addressOf = (name: Name): string => `test.${specOf(name).node}.${name}`
