/**
 * Compares networks of random shape, in which links go and come, nodes restart and move, and packets are lost, with a
 * model that knows the whole network: once all is quiet, everybody's route is the one of Gao and Rexford's rules.
 */
import { accountId } from '@ilp/service-core'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Network, type Node } from './network.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Relation = 'parent' | 'peer' | 'child'
interface Way {
  readonly next: Node | undefined
  readonly grade: number
  readonly path: readonly string[]
}

const GRADES = { own: 1, child: 2, peer: 3, parent: 4, lastResort: 5 }

const relationOf = (from: Node, to: Node) => from.accounts.get(accountId(to.name))?.relation as Relation
const isUp = (from: Node, to: Node) => from.links.get(accountId(to.name))?.link.isUp ?? false
const neighbours = (node: Node): Node[] => [...node.links.values()].map(({ to }) => to)
const isWithin = (address: string, space: string) => address === space || address.startsWith(`${space}.`)

/** What `from` makes of the way that its neighbour has to `prefix`; undefined when it isn't told, or doesn't take it. */
function told(from: Node, neighbour: Node, prefix: string, way: Way | undefined): Way | undefined {
  if (!way || !isUp(from, neighbour) || way.next === from || way.grade === GRADES.lastResort) return undefined
  const isCustomers = way.grade <= GRADES.child
  const is = relationOf(from, neighbour)
  if (!isCustomers && is !== 'parent') return undefined
  const [ours, theirs] = [from.address ?? '', neighbour.address ?? '']
  if (prefix !== theirs && isWithin(prefix, theirs)) return undefined
  const path = [theirs, ...way.path]
  if (prefix === ours || path.includes(ours)) return undefined
  if (is === 'child' ? !isWithin(prefix, theirs) : isWithin(prefix, ours)) return undefined
  return { next: neighbour, grade: GRADES[is], path }
}

function best(ways: readonly (Way | undefined)[]): Way | undefined {
  const found = ways.filter(way => way !== undefined)
  found.sort(
    (one, other) =>
      one.grade - other.grade ||
      one.path.length - other.path.length ||
      ((one.next?.name ?? '') < (other.next?.name ?? '') ? -1 : 1),
  )
  return found[0]
}

/** Each node's way to a prefix, found by asking everybody again and again until nobody changes their mind. */
function model(nodes: readonly Node[], prefix: string): Map<Node, Way | undefined> {
  let ways = new Map<Node, Way | undefined>()
  for (let round = 0; round < 50; round++) {
    const next = new Map<Node, Way | undefined>()
    for (const node of nodes) {
      const own: Way | undefined =
        node.address === prefix ? { next: undefined, grade: GRADES.own, path: [] } : undefined
      const direct = neighbours(node)
        .filter(other => relationOf(node, other) === 'child' && other.address === prefix)
        .map(other => {
          const grade = isUp(node, other) ? GRADES.child : GRADES.lastResort
          return { next: other, grade, path: [prefix] }
        })
      next.set(
        node,
        best([own, ...direct, ...neighbours(node).map(other => told(node, other, prefix, ways.get(other)))]),
      )
    }
    const isQuiet = nodes.every(
      node =>
        next.get(node)?.next === ways.get(node)?.next &&
        `${next.get(node)?.path}` === `${ways.get(node)?.path}`,
    )
    ways = next
    if (isQuiet) return ways
  }
  throw new Error('the model does not settle')
}

const size = { min: 2, max: 7 }
const shape = fc.integer(size).chain(count =>
  fc.record({
    count: fc.constant(count),
    /** For each two nodes, whether they are linked, and whether the first is the second's parent. */
    links: fc.array(fc.constantFrom<Relation | undefined>(undefined, 'peer', 'child', 'child'), {
      minLength: (count * (count - 1)) / 2,
      maxLength: (count * (count - 1)) / 2,
    }),
    /** Whose address lies below that of its first parent. */
    isBelow: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
  }),
)
const event = fc.record({
  kind: fc.constantFrom('link', 'link', 'link', 'restart', 'move', 'loss'),
  which: fc.nat({ max: 1_000 }),
  afterMs: fc.constantFrom(0, 1, 7, 50, 400, 1_500, 20_000, 50_000),
})

function build({ count, links, isBelow }: typeof shape extends fc.Arbitrary<infer T> ? T : never): Network {
  const network = new Network()
  let at = 0
  for (let i = 0; i < count; i++) {
    const relations = links.slice(at, at + i)
    at += i
    const parent = isBelow[i] ? network.nodes[relations.indexOf('child')] : undefined
    const node = network.node(`n${i}`, parent ? `${parent.address}.n${i}` : `test.n${i}`)
    relations.forEach((relation, j) => {
      if (relation) network.link(network.nodes[j] as Node, node, relation)
    })
  }
  return network
}

/** Gives the node another address, and tells everybody who has its old one in an account. */
function move(node: Node): void {
  node.address = `${node.address}x`
  node.announce()
  for (const other of neighbours(node)) {
    const id = accountId(node.name)
    const account = other.accounts.get(id)
    if (account?.relation !== 'child') continue
    other.accounts.set(id, { ...account, ilpAddress: node.address })
    other.announce()
  }
}

async function happen(network: Network, { kind, which }: { kind: string; which: number }): Promise<void> {
  const node = network.nodes[which % network.nodes.length] as Node
  const others = neighbours(node)
  const other = others[which % Math.max(1, others.length)]
  if (kind === 'restart') await node.restart()
  // Only a node that nobody's address lies below: those would have to move along.
  else if (kind === 'move' && !network.nodes.some(one => one.address?.startsWith(`${node.address}.`)))
    move(node)
  else if (kind === 'link' && other) network.setLink(node, other, !isUp(node, other))
  else if (kind === 'loss' && other) {
    const link = node.links.get(accountId(other.name))?.link
    let count = which
    if (link) link.isLost = () => count++ % 3 !== 0
  }
}

test('everybody ends with the route of the model', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(shape, fc.array(event, { maxLength: 8 }), async (some, events) => {
      const network = build(some)
      await network.start()
      for (const one of events) {
        await vi.advanceTimersByTimeAsync(one.afterMs)
        await happen(network, one)
      }
      for (const node of network.nodes) for (const { link } of node.links.values()) link.isLost = () => false
      await vi.advanceTimersByTimeAsync(100_000)
      for (const { address = '' } of network.nodes) {
        const ways = model(network.nodes, address)
        for (const node of network.nodes) {
          if (node.address === address) continue
          const next = node.table.get(address)
          expect(next, `${node.name} to ${address}`).toBe(ways.get(node)?.next?.name)
        }
      }
      await network.stop()
    }),
    { numRuns: 60, endOnFailure: true },
  )
})
