import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Network, type Node } from './network.js'

const INTERVAL_MS = 30_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const at = ({ nodes }: Network, i: number): Node => nodes[i] as Node

function ring(count: number): Network {
  const network = new Network()
  for (const i of range(count)) network.node(`n${i}`)
  for (const i of range(count)) network.link(at(network, i), at(network, (i + 1) % count), 'peer')
  return network
}

/** Each node but the first is a child of one before it, with an address below. */
function tree(count: number): Network {
  const network = new Network()
  network.node('n0')
  for (const i of range(count).slice(1)) {
    const parent = at(network, Math.floor((i - 1) / 2))
    network.link(parent, network.node(`n${i}`, `${parent.address}.n${i}`), 'child')
  }
  return network
}

function mesh(count: number): Network {
  const network = new Network()
  for (const i of range(count)) {
    const node = network.node(`n${i}`)
    for (const other of network.nodes.slice(0, -1)) network.link(other, node, 'peer')
  }
  return network
}

const converge = () => vi.advanceTimersByTimeAsync(2 * INTERVAL_MS)

describe('two broadcast intervals are enough', () => {
  test('for a ring of ten peers, each of which reaches its neighbours and carries nothing between them', async () => {
    const network = ring(10)
    await network.start()
    await converge()
    for (const [i, node] of network.nodes.entries()) {
      const neighbours = [at(network, (i + 1) % 10), at(network, (i + 9) % 10)]
      expect(node.table).toEqual(new Map(neighbours.map(({ address, name }) => [address, name])))
    }
    await network.stop()
  })

  test('for a ring of five providers and five customers of two each, who reach what their providers reach', async () => {
    const network = ring(10)
    for (const [i, node] of network.nodes.entries()) {
      const isProvider = i % 2 === 0
      for (const other of [at(network, (i + 1) % 10), at(network, (i + 9) % 10)])
        if (isProvider) network.link(node, other, 'child')
    }
    await network.start()
    await converge()
    const reached = (i: number) =>
      network.nodes.filter(other => at(network, i).wayTo(other)).map(({ name }) => name)
    expect(reached(0)).toEqual(['n0', 'n1', 'n9'])
    expect(reached(1)).toEqual(['n0', 'n1', 'n2', 'n3', 'n9'])
    await network.stop()
  })

  test('for a tree of ten, up and down', async () => {
    const network = tree(10)
    await network.start()
    await converge()
    for (const node of network.nodes)
      for (const other of network.nodes) expect(node.wayTo(other), `${node.name} ${other.name}`).toBeDefined()
    expect(at(network, 9).wayTo(at(network, 6))).toEqual(['n4', 'n1', 'n0', 'n2', 'n6'])
    await network.stop()
  })

  test('for a mesh of ten', async () => {
    const network = mesh(10)
    await network.start()
    await converge()
    for (const node of network.nodes)
      for (const other of network.nodes) if (other !== node) expect(node.wayTo(other)).toEqual([other.name])
    await network.stop()
  })
})
