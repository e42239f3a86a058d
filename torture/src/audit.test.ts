import { describe, expect, it } from 'vitest'
import type { Trouble } from './acts.js'
import { audit, type Evidence, Settled } from './audit.js'
import { faultsOf } from './findings.js'
import type { AccountBooks, NodeBooks } from './network.js'
import { type Packet, Packets } from './packets.js'
import { Random } from './random.js'
import { assetOf, LANES, laneAccounts } from './topology.js'

const NODES = 2

/** Packets of lane 0 that their sender heard of, and the books of two nodes that have them all. */
class Scene {
  readonly packets: Packet[] = []
  readonly troubles: Trouble[] = []
  readonly #balances = new Map<string, bigint>()
  readonly #positions = new Map<string, bigint>()
  readonly late = new Set<Packet>()

  constructor(count: number) {
    const random = new Random('audit')
    const packets = new Packets('audit', NODES)
    for (let i = 0; i < count; i++) {
      const { packet } = packets.make(0, random)
      this.packets.push(
        Object.assign(packet, { heard: 'fulfilled', isPaid: true, endedMs: packet.sentMs + 1 }),
      )
      for (let node = 0; node < NODES; node++) this.book(node, packet)
    }
  }

  packet(index: number): Packet {
    return this.packets[index] as Packet
  }

  book(node: number, { amounts }: Packet, times = 1n): void {
    const { from, to } = laneAccounts(NODES, node, 0)
    this.#add(node, from, node, -(amounts[node] as bigint) * times)
    this.#add(node, to, node + 1, (amounts[node + 1] as bigint) * times)
  }

  /** Changes a balance with no counterpart. */
  change(node: number, username: string, amount: bigint): void {
    const key = `${node} ${username}`
    this.#balances.set(key, (this.#balances.get(key) ?? 0n) + amount)
  }

  trouble(kind: Trouble['kind'], nodes: readonly number[], when: Packet): void {
    this.troubles.push({
      kind,
      number: 5,
      target: 'it',
      nodes,
      fromMs: when.sentMs,
      toMs: when.sentMs,
      underWay: 1,
    })
  }

  audit(holds: Partial<AccountBooks> = {}) {
    const evidence: Evidence = {
      packets: this.packets,
      books: Array.from({ length: NODES }, (_, node) => this.#books(node, holds)),
      settled: new Settled(),
      troubles: this.troubles,
      isListedLate: (node, packet) => node === 1 && this.late.has(packet),
    }
    return audit(evidence).findings
  }

  #add(node: number, username: string, link: number, amount: bigint): void {
    this.change(node, username, amount)
    const { code, scale } = assetOf(NODES, link)
    const key = `${node} ${code}/${scale}`
    this.#positions.set(key, (this.#positions.get(key) ?? 0n) - amount)
  }

  #books(node: number, holds: Partial<AccountBooks>): NodeBooks {
    const accounts = Array.from({ length: LANES }, (_, lane) => laneAccounts(NODES, node, lane)).flatMap(
      ({ from, to }) =>
        [[from, node] as const, [to, node + 1] as const].map(([username, link]) => {
          const { code, scale } = assetOf(NODES, link)
          const balance = this.#balances.get(`${node} ${username}`) ?? 0n
          return [
            username,
            { balance, heldOut: 0n, heldIn: 0n, ...holds, asset: `${code}/${scale}` },
          ] as const
        }),
    )
    const positions = [...this.#positions]
      .filter(([key]) => key.startsWith(`${node} `))
      .map(([key, balance]) => [key.slice(2), balance] as const)
    return { accounts: new Map(accounts), positions: new Map(positions) }
  }
}

describe('books', () => {
  it('are right when they have what was relayed', () => {
    const findings = new Scene(20).audit()
    expect([faultsOf(findings), findings.lost]).toEqual([[], []])
  })

  it('may lack what the next hop has, when one of the two died meanwhile: that is listed', () => {
    const scene = new Scene(20)
    const packet = Object.assign(scene.packet(7), { heard: 'nothing' as const })
    scene.book(0, packet, -1n)
    scene.trouble('kill', [0], packet)
    const { lost, ...faults } = scene.audit()
    expect(faultsOf({ ...faults, lost })).toEqual([])
    const amount = packet.amounts[1] as bigint
    const cause = 'act 5, kill of it with 1 packets under way'
    expect(lost).toEqual([{ packet: packet.number, lane: 0, link: 1, amount, cause }])
  })

  it('may not lack what was sent behind a death, or was over before it', () => {
    for (const ms of [-1, 10_000]) {
      const scene = new Scene(2)
      const packet = Object.assign(scene.packet(1), { heard: 'nothing' as const })
      scene.book(0, packet, -1n)
      scene.trouble('kill', [0], { ...packet, sentMs: packet.sentMs + ms })
      expect(scene.audit().unexplained).toEqual(['packet 2 was lost on link 1 of lane 0'])
    }
  })

  it('may lack what came too late, when the log lists it', () => {
    const scene = new Scene(3)
    const packet = Object.assign(scene.packet(1), { heard: 'nothing' as const })
    for (const node of [0, 1]) scene.book(node, packet, -1n)
    scene.late.add(packet)
    expect(faultsOf(scene.audit())).toEqual([])
    scene.late.clear()
    expect(faultsOf(scene.audit())).toEqual([`packet ${packet.number} was lost on link 2 of lane 0`])
  })

  it('are wrong when they lack what was relayed', () => {
    const scene = new Scene(20)
    scene.book(1, scene.packet(3), -1n)
    expect(scene.audit().misbooked).toEqual(['n2 previous0: packet 4 was relayed and is not booked'])
  })

  it('are wrong when they have a packet twice', () => {
    const scene = new Scene(20)
    scene.book(0, scene.packet(3))
    expect(scene.audit().misbooked).toEqual(['n1 sender0: packet 4 is booked twice'])
  })

  it('are wrong when they have what was not paid', () => {
    const scene = new Scene(3)
    Object.assign(scene.packet(2), { heard: 'rejected', isPaid: false })
    expect(scene.audit().misbooked).toEqual([
      'n1 sender0: packet 3 is booked, and its receiver has not fulfilled it',
    ])
  })

  it('are wrong when a packet that they have was answered with a Reject', () => {
    const scene = new Scene(3)
    scene.trouble('kill', [0], Object.assign(scene.packet(0), { heard: 'rejected' as const }))
    expect(scene.audit().misbooked).toEqual([
      'packet 1 is booked at n1, and its sender was told that it is rejected',
    ])
  })

  it('are wrong when they don’t add up', () => {
    const scene = new Scene(3)
    scene.change(1, 'receiver0', 5n)
    const { imbalances, misbooked } = scene.audit()
    expect(imbalances).toEqual(['the books of n2 in USD/8 add up to 5'])
    expect(misbooked).toEqual(['n2 receiver0: 5 more than what left previous0'])
  })

  it('are wrong when a packet came twice', () => {
    const scene = new Scene(3)
    Object.assign(scene.packet(1), { arrivals: 2 })
    expect(scene.audit().misbooked).toEqual(['packet 2 came to its receiver 2 times'])
  })

  it('are wrong when anything is held', () => {
    const { holds } = new Scene(1).audit({ heldIn: 1n })
    expect(holds).toHaveLength(NODES * LANES * 2)
  })
})
