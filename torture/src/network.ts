import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConnectorProcess, type LogLine } from './connector-process.js'
import { Receiver, Sender } from './endpoints.js'
import type { Packets } from './packets.js'
import type { NodeStore, StoreKind } from './stores.js'
import { configOf, LANES, laneAccounts, tokenOf } from './topology.js'

/** An account's money, as the node's admin listener tells it. */
export interface AccountBooks {
  readonly balance: bigint
  readonly heldOut: bigint
  readonly heldIn: bigint
  /** As `USD/9`. */
  readonly asset: string
}

export interface NodeBooks {
  readonly accounts: ReadonlyMap<string, AccountBooks>
  /** By asset: all that the node's own accounts hold in it. */
  readonly positions: ReadonlyMap<string, bigint>
}

export interface NetworkOptions {
  readonly store: StoreKind
  readonly seed: string
  /** Where configurations, journals, logs and data go. */
  readonly folder: string
  /** What Node is started with to be a connector. */
  readonly program: readonly string[]
  /** Takes each line that a process of the node logs. */
  readonly logged: (node: number, process: string, line: LogLine) => void
  /** Called when a process ends without having been asked to. */
  readonly ended: (process: string, wasReady: boolean) => void
}

export interface Node {
  readonly index: number
  readonly store: NodeStore
  readonly processes: readonly ConnectorProcess[]
}

interface Asset {
  readonly code: string
  readonly scale: number
}

type Amounts<Name extends string> = Readonly<Record<Name, string>> & { readonly asset: Asset }

const nameOf = ({ code, scale }: Asset): string => `${code}/${scale}`

/** A row of connectors, with load on it. */
export class Network {
  readonly nodes: readonly Node[]
  readonly senders: readonly Sender[]
  readonly receivers: readonly Receiver[]

  private constructor(nodes: readonly Node[], { seed }: NetworkOptions, packets: Packets) {
    this.nodes = nodes
    const count = nodes.length
    const lanes = Array.from({ length: LANES }, (_, lane) => lane)
    this.senders = lanes.map(lane => {
      const target = atOf(nodes[0]?.processes ?? [], lane)
      return new Sender(lane, seed, packets, target, tokenOf(0, laneAccounts(count, 0, lane).from))
    })
    this.receivers = lanes.map(lane => {
      const last = count - 1
      const token = tokenOf(last, laneAccounts(count, last, lane).to)
      return new Receiver(seed, packets, nodes[last]?.processes ?? [], token)
    })
  }

  /** Starts everything but the load. */
  static async start(options: NetworkOptions, packets: Packets): Promise<Network> {
    const nodes: Node[] = []
    for (const index of options.store.processes.keys()) nodes.push(await createNode(options, index))
    const neighbour = (node: number, lane: number) =>
      `127.0.0.1:${atOf(nodes[node]?.processes ?? [], lane).proxy.port}`
    for (const { index, store, processes } of nodes) {
      for (const { name } of processes) {
        const folder = join(options.folder, name)
        const journalDir = join(folder, 'journal')
        const place = { nodes: nodes.length, node: index, store: store.setting, journalDir, neighbour }
        await writeFile(configFileIn(folder), JSON.stringify(configOf(place), undefined, 2))
      }
    }
    const network = new Network(nodes, options, packets)
    try {
      await network.restore()
    } catch (error) {
      await network.stop()
      throw error
    }
    return network
  }

  processes(): readonly ConnectorProcess[] {
    return this.nodes.flatMap(({ processes }) => processes)
  }

  /** Has everything run and ready again, whatever was done to it. */
  async restore(): Promise<void> {
    for (const process of this.processes()) {
      process.resume()
      process.start()
    }
    await Promise.all(this.processes().map(process => process.readyInTime()))
  }

  /** What the books of each node say. All processes have to be ready. */
  books(): Promise<readonly NodeBooks[]> {
    return Promise.all(this.nodes.map(node => this.#booksOf(node)))
  }

  async stop(): Promise<void> {
    for (const endpoint of [...this.senders, ...this.receivers]) endpoint.close()
    await Promise.all(this.processes().map(process => process.stop()))
    await Promise.all(this.processes().map(process => process.close()))
    await Promise.all(this.nodes.map(({ store }) => store.stop()))
  }

  async #booksOf({ index, processes }: Node): Promise<NodeBooks> {
    const process = atOf(processes, 0)
    const usernames = Array.from({ length: LANES }, (_, lane) =>
      Object.values(laneAccounts(this.nodes.length, index, lane)),
    ).flat()
    const accounts = await Promise.all(
      usernames.map(async username => {
        const path = `/accounts/${username}/balance`
        const found = await process.ask<Amounts<'balance' | 'heldOut' | 'heldIn'>>(path)
        const { balance, heldOut, heldIn } = found
        const books = { balance: BigInt(balance), heldOut: BigInt(heldOut), heldIn: BigInt(heldIn) }
        return [username, { ...books, asset: nameOf(found.asset) }] as const
      }),
    )
    const positions = await process.ask<readonly Amounts<'balance'>[]>('/positions')
    return {
      accounts: new Map(accounts),
      positions: new Map(positions.map(({ asset, balance }) => [nameOf(asset), BigInt(balance)])),
    }
  }
}

const configFileIn = (folder: string): string => join(folder, 'config.json')

function atOf<Item>(items: readonly Item[], index: number): Item {
  return items[index % items.length] as Item
}

async function createNode(options: NetworkOptions, index: number): Promise<Node> {
  const names = Array.from(
    { length: options.store.processes[index] ?? 1 },
    (_, i) => `n${index + 1}${'abc'[i]}`,
  )
  for (const name of names) await mkdir(join(options.folder, name), { recursive: true })
  const store = await options.store.open(join(options.folder, names[0] as string))
  const processes = await Promise.all(
    names.map(name =>
      ConnectorProcess.create({
        name,
        program: options.program,
        configFile: configFileIn(join(options.folder, name)),
        logFile: join(options.folder, name, 'log.jsonl'),
        logged: line => options.logged(index, name, line),
        ended: options.ended,
      }),
    ),
  )
  return { index, store, processes }
}
