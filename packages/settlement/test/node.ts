import { createListener } from '@ilp/listener'
import { type IncomingRequest, type OutgoingRequest, sequence, unreachable } from '@ilp/service-core'
import { recordingLogger, testAccount } from '@ilp/service-testing'
import { onTestFinished } from 'vitest'
import { createEngineClient, type SettlementAccount, settlement, settlementServer } from '../src/index.js'
import {
  type PeerAccount,
  type Scene,
  type StartedSettler,
  settled,
  startScene,
  startSettler,
} from './scene.js'

const self = testAccount('self', { relation: 'local' })

/** One of two connectors that settle with each other: all of settlement, on a store that fails on command. */
export class Node {
  readonly scene: Scene
  readonly logger = recordingLogger()
  readonly #engines = createEngineClient()
  readonly #listener = createListener({ host: '127.0.0.1', port: 0 }, { stopTimeoutMs: 100 })
  #settler: StartedSettler | undefined
  peer: Node | undefined

  constructor(scene: Scene) {
    this.scene = scene
  }

  readonly #chain = settlement({ engines: this.#engines })<IncomingRequest<SettlementAccount>>({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable('test.node', 'only settlement is here')),
  })

  /** Where engines reach it. */
  get url(): string {
    return this.#listener.url()
  }

  get settler(): StartedSettler {
    if (!this.#settler) throw new Error('the node does not settle')
    return this.#settler
  }

  account(id: string): PeerAccount {
    const account = this.scene.accounts.byUsername(id)
    if (!account) throw new Error(`there is no account ${id}`)
    return account
  }

  async start(): Promise<this> {
    const server = settlementServer({
      accounts: this.scene.accounts,
      store: this.scene.store,
      listener: this.#listener,
      outgoing: { call: request => this.#send(request) },
      selfFor: () => self,
      logger: this.logger,
    })
    const parts = sequence([this.#engines, server, this.#listener])
    onTestFinished(() => parts.stop())
    await parts.start()
    return this
  }

  /** Begins to settle, or begins anew as after a crash: what was under way is given up. */
  async settle(): Promise<void> {
    await this.#settler?.stop()
    this.#settler = await startSettler(this.scene)
  }

  /** A packet to the peer, which knows the account by the same id. */
  async #send({ to, prepare }: OutgoingRequest<SettlementAccount>) {
    const from = this.peer?.scene.accounts.get(to.id)
    return this.peer && from
      ? this.peer.#chain.call({ from, prepare })
      : unreachable('test.node', 'there is no peer')
  }
}

/** Two nodes that are each other's peers, with accounts of the same ids that these engines settle from 1 unit on. */
export async function startNodes(ids: readonly string[], engineUrls: readonly [string, string]) {
  const nodes = [
    await new Node(await startScene()).start(),
    await new Node(await startScene()).start(),
  ] as const
  nodes[0].peer = nodes[1]
  nodes[1].peer = nodes[0]
  for (const [i, { scene }] of nodes.entries()) {
    const engineUrl = engineUrls[i] as string
    await scene.put(...ids.map(id => settled(id, { engineUrl, settleThreshold: 1n })))
  }
  return nodes
}

/** What the node has been credited, in all its accounts. */
export const credited = ({ scene }: Node) =>
  [...scene.credits.values()].reduce((sum, units) => sum + units, 0n)

/**
 * Has a node owe each of these accounts so many times, and again whenever a settlement is acknowledged. Returns what
 * that sums up to in the end.
 */
export function keepOwing(node: Node, peer: Node, ids: readonly string[], times: number): bigint {
  const left = new Map(ids.map(id => [id, times]))
  const amountOf = (count: number) => 1n + ((BigInt(count) * 7_919n) % 97n)
  const owe = async (id: string) => {
    const count = left.get(id) ?? 0
    if (count === 0) return
    left.set(id, count - 1)
    const amount = amountOf(count)
    await node.scene.owe(node.account(id), amount)
    await peer.scene.owe(peer.account(id), -amount)
  }
  node.scene.acknowledging = owe
  for (const id of ids) void owe(id)
  const each = Array.from({ length: times }, (_, i) => amountOf(i + 1)).reduce(
    (sum, amount) => sum + amount,
    0n,
  )
  return each * BigInt(ids.length)
}
