import type { Asset } from '@ilp/service-core'
import { exchanged } from '../support/exchange.js'
import { LINK_ASSETS, type Link, type Name, NODES, type Node, RATES, SPREADS, specOf } from './topology.js'

export interface Payment {
  readonly from: Name
  readonly to: Name
  readonly units: bigint
}

/** What one connector does with a packet: takes `incoming` units from one account and gives `outgoing` to another. */
export interface Hop {
  readonly node: Node
  readonly from: string
  readonly to: string
  readonly incoming: bigint
  readonly outgoing: bigint
  readonly assets: readonly [from: Asset, to: Asset]
}

/** A packet's way: to its receiver, or to the connector that refuses it with this code. */
export interface Way {
  readonly hops: readonly Hop[]
  readonly refusal: string | undefined
}

const U64_MAX = 2n ** 64n - 1n

/** The way of a packet, which follows from nothing but the topology, the rates and its amount. */
export function wayOf({ from, to, units }: Payment): Way {
  const sender = specOf(from)
  const receiver = specOf(to)
  const hops: Hop[] = []
  const stop = (refusal: string) => ({ hops, refusal })
  if (sender.maxPacketAmount !== undefined && units > sender.maxPacketAmount) return stop('F08')
  if (from === to) return stop('F02')

  let incoming = units
  const first = NODES.indexOf(sender.node)
  const last = NODES.indexOf(receiver.node)
  const step = Math.sign(last - first)
  for (let at = first; ; at += step) {
    const node = NODES[at] as Node
    const source = at === first ? { name: from, asset: sender.asset } : neighbour(at, at - step)
    const target = at === last ? { name: to, asset: receiver.asset } : neighbour(at, at + step)
    const [numerator, denominator] = exchanged(incoming, source.asset, target.asset, {
      rates: RATES,
      spread: SPREADS[node],
    })
    const outgoing = numerator / denominator
    if (outgoing > U64_MAX) return stop('F08')
    if (incoming > 0n && outgoing === 0n) return stop('R01')
    if (at === first && sender.minBalance === 0n && units > 0n) return stop('T04')
    hops.push({
      node,
      from: source.name,
      to: target.name,
      incoming,
      outgoing,
      assets: [source.asset, target.asset],
    })
    incoming = outgoing
    if (at === last) return { hops, refusal: undefined }
  }
}

function neighbour(at: number, other: number) {
  const asset: Asset = LINK_ASSETS[linkBetween(NODES[at] as Node, NODES[other] as Node)]
  return { name: NODES[other] as string, asset }
}

export const linkBetween = (one: Node, other: Node): Link => (one === 'a' || other === 'a' ? 'ab' : 'bc')

/**
 * The hops that are booked of a packet that its receiver fulfils while its Fulfill doesn't get over these links: those
 * behind the last of them.
 */
export function bookedBehind(hops: readonly Hop[], broken: ReadonlySet<Link>): readonly Hop[] {
  const last = hops.findLastIndex((hop, i) => {
    const next = hops[i + 1]
    return next !== undefined && broken.has(linkBetween(hop.node, next.node))
  })
  return hops.slice(last + 1)
}

/** What all books should say, worked out from the packets alone. */
export class Model {
  /** By account, such as `a.alice`. */
  readonly balances = new Map<string, bigint>()
  /** By connector and asset, such as `a USD/9`. */
  readonly positions = new Map<string, bigint>()
  /** By link: what the connector that fulfilled has booked and the other one has not, as its debt. */
  readonly lost = new Map<Link, bigint>()
  /** By connector: the Fulfills that it dropped, since they came too late. */
  readonly late = new Map<Node, number>()

  /** Books these hops of a packet's way; with fewer than all, the link before the first of them has lost the money. */
  book(hops: readonly Hop[]): void {
    for (const { node, from, to, incoming, outgoing, assets } of hops) {
      add(this.balances, `${node}.${from}`, -incoming)
      add(this.balances, `${node}.${to}`, outgoing)
      add(this.positions, `${node} ${nameOf(assets[0])}`, incoming)
      add(this.positions, `${node} ${nameOf(assets[1])}`, -outgoing)
    }
  }

  /** Notes that the first of these hops was not booked at the other end of its link. */
  lose([first]: readonly Hop[]): void {
    if (first) add(this.lost, linkBetween(first.node, first.from as Node), first.incoming)
  }

  dropLate(node: Node): void {
    this.late.set(node, (this.late.get(node) ?? 0) + 1)
  }
}

export const nameOf = ({ code, scale }: Asset): string => `${code}/${scale}`

function add<Key>(map: Map<Key, bigint>, key: Key, units: bigint): void {
  map.set(key, (map.get(key) ?? 0n) + units)
}
