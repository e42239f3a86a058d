import type { Trouble } from './acts.js'
import type { Findings, Loss } from './findings.js'
import type { NodeBooks } from './network.js'
import type { Packet } from './packets.js'
import { SUBSET_MAX, subsetOf } from './subset.js'
import { LANES, laneAccounts } from './topology.js'

export interface Evidence {
  readonly packets: readonly Packet[]
  readonly books: readonly NodeBooks[]
  /** By node and account: what the packets that are over left on it. */
  readonly settled: Settled
  readonly troubles: readonly Trouble[]
  /** Whether a node's log lists the packet's Fulfill as one that came too late. */
  readonly isListedLate: (node: number, packet: Packet) => boolean
}

/** Balances of accounts at the last check, by node and username. */
export class Settled {
  readonly #balances = new Map<string, bigint>()

  get(node: number, username: string): bigint {
    return this.#balances.get(`${node} ${username}`) ?? 0n
  }

  add(node: number, username: string, amount: bigint): void {
    this.#balances.set(`${node} ${username}`, this.get(node, username) + amount)
  }
}

/** What the books say of packets: by node, those that it has booked since the last check. */
export interface Booked {
  readonly findings: Findings
  readonly booked: readonly ReadonlySet<Packet>[]
}

/**
 * Holds the books against what senders and receivers know. Every packet has an amount of its own, so the change of a
 * balance tells which packets were booked: a node can't have booked fewer than those whose Fulfill it has relayed, nor
 * others than those whose Fulfill it got.
 */
export function audit(evidence: Evidence): Booked {
  const { books } = evidence
  const nodes = books.length
  const booked = books.map(() => new Set<Packet>())
  const misbooked: string[] = []
  const unexplained: string[] = []
  const lost: Loss[] = []
  for (let lane = 0; lane < LANES; lane++) {
    const packets = evidence.packets.filter(packet => packet.lane === lane)
    for (const { number, arrivals } of packets) {
      if (arrivals > 1) misbooked.push(`packet ${number} came to its receiver ${arrivals} times`)
    }
    // From the sender on: what a node has relayed is what the one before it has booked.
    let relayed = new Set(packets.filter(({ heard }) => heard === 'fulfilled'))
    for (let node = 0; node <= nodes; node++) {
      const found = node === nodes ? new Set(packets.filter(({ isPaid }) => isPaid)) : decode(node, lane)
      if (!found) break
      for (const packet of found) if (!relayed.has(packet)) lose(packet, node)
      if (node === nodes) for (const packet of relayed) if (!packet.isPaid) misbooked.push(unpaid(packet))
      relayed = found
    }

    /** The packets of the lane that the node has booked, ever; undefined when its balance is none that they make. */
    function decode(node: number, lane: number): Set<Packet> | undefined {
      const { from, to } = laneAccounts(nodes, node, lane)
      const had = packets.filter(packet => packet.booked[node])
      const fresh = packets.filter(packet => !packet.booked[node])
      const change = evidence.settled.get(node, from) - balanceOf(books, node, from)
      const result = decodeChange(change, fresh, relayed, node)
      if (typeof result === 'string') {
        misbooked.push(`n${node + 1} ${from}: ${result}`)
        return undefined
      }
      for (const packet of result) booked[node]?.add(packet)
      const came = balanceOf(books, node, to) - evidence.settled.get(node, to)
      const expected = sum(result, node + 1)
      if (came !== expected) {
        misbooked.push(`n${node + 1} ${to}: ${came - expected} more than what left ${from}`)
      }
      return new Set([...had, ...result])
    }

    /** Notes that the node before this one has not booked what this one has. */
    function lose(packet: Packet, node: number): void {
      if (node === 0 && packet.heard === 'rejected') {
        misbooked.push(`packet ${packet.number} is booked at n1, and its sender was told that it is rejected`)
        return
      }
      const cause = causeOf(packet, node - 1, evidence)
      if (cause === undefined)
        unexplained.push(`packet ${packet.number} was lost on link ${node} of lane ${lane}`)
      const amount = packet.amounts[node] as bigint
      lost.push({ packet: packet.number, lane, link: node, amount, cause: cause ?? 'unexplained' })
    }
  }
  return {
    booked,
    findings: { imbalances: imbalancesOf(books), misbooked, lost, unexplained, holds: holdsOf(books) },
  }
}

const unpaid = ({ number }: Packet): string =>
  `packet ${number} is booked, and its receiver has not fulfilled it`

const sum = (packets: Iterable<Packet>, link: number): bigint => {
  let total = 0n
  for (const { amounts } of packets) total += amounts[link] as bigint
  return total
}

/** Which packets a change of a balance is, or what is wrong with it. */
function decodeChange(
  change: bigint,
  packets: readonly Packet[],
  relayed: ReadonlySet<Packet>,
  node: number,
): readonly Packet[] | string {
  const amountOf = (packet: Packet) => packet.amounts[node] as bigint
  const certain = packets.filter(packet => relayed.has(packet))
  const possible = packets.filter(packet => packet.isPaid && !relayed.has(packet))
  if (possible.length > SUBSET_MAX) return `${possible.length} packets are in doubt, too many to tell apart`
  const rest = change - sum(certain, node)
  const pick = (sought: bigint) => subsetOf(possible.map(amountOf), sought)?.map(i => possible[i] as Packet)
  const found = pick(rest)
  if (found) return [...certain, ...found]
  for (const packet of certain) {
    if (pick(rest + amountOf(packet))) return `packet ${packet.number} was relayed and is not booked`
  }
  for (const packet of packets) {
    if (pick(rest - amountOf(packet))) {
      return packet.isPaid
        ? `packet ${packet.number} is booked twice`
        : `packet ${packet.number} is booked, and its receiver has not fulfilled it`
    }
  }
  return `the balance differs by ${rest} from what ${certain.length} packets make that were relayed, and no part of ${possible.length} others explains it: ${JSON.stringify(possible.map(({ number }) => number))}`
}

const balanceOf = (books: readonly NodeBooks[], node: number, username: string): bigint =>
  books[node]?.accounts.get(username)?.balance ?? 0n

/** Why the node (-1 for the sender) may have missed the packet's Fulfill. */
function causeOf(packet: Packet, node: number, { troubles, isListedLate }: Evidence): string | undefined {
  if (node >= 0 && isListedLate(node, packet)) return `late, listed by n${node + 1}`
  const trouble = troubles.findLast(
    ({ nodes, lane = packet.lane, fromMs, toMs = Number.POSITIVE_INFINITY }) =>
      (nodes.includes(node) || nodes.includes(node + 1)) &&
      lane === packet.lane &&
      packet.sentMs <= toMs &&
      // A sender may have its answer while the packet is still under way.
      fromMs <= packet.expiresAtMs,
  )
  if (!trouble) return undefined
  const { kind, number, target, underWay } = trouble
  return `act ${number}, ${kind} of ${target} with ${underWay} packets under way`
}

function imbalancesOf(books: readonly NodeBooks[]): string[] {
  return books.flatMap(({ accounts, positions }, node) => {
    const totals = new Map(positions)
    for (const { asset, balance } of accounts.values()) totals.set(asset, (totals.get(asset) ?? 0n) + balance)
    return [...totals]
      .filter(([, total]) => total !== 0n)
      .map(([asset, total]) => `the books of n${node + 1} in ${asset} add up to ${total}`)
  })
}

function holdsOf(books: readonly NodeBooks[]): string[] {
  return books.flatMap(({ accounts }, node) =>
    [...accounts]
      .filter(([, { heldOut, heldIn }]) => heldOut !== 0n || heldIn !== 0n)
      .map(([name, { heldOut, heldIn }]) => `n${node + 1} ${name} holds ${heldOut} out and ${heldIn} in`),
  )
}
