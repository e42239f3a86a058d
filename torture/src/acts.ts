import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectorProcess } from './connector-process.js'
import type { Network, Node } from './network.js'
import type { Packets } from './packets.js'
import type { Random } from './random.js'
import type { StoreServer } from './stores.js'
import { FORGOTTEN_MS, LANES, LEASE_MS } from './topology.js'

export const KINDS = [
  'kill',
  'server kill',
  'pause',
  'server pause',
  'link cut',
  'store cut',
  'endpoint cut',
  'restart',
] as const
export type Kind = (typeof KINDS)[number]

/** Something that was done, and for how long it can explain that an answer got lost. */
export interface Trouble {
  readonly kind: Kind
  /** Counts what was done in a leg. */
  readonly number: number
  /** The process, the server, or the lane that it was done to. */
  readonly target: string
  /** The nodes whose links may lose answers by it: -1 for a sender, the number of nodes for a receiver. */
  readonly nodes: readonly number[]
  readonly lane?: number
  readonly fromMs: number
  /** Undefined as long as it goes on. */
  toMs: number | undefined
  /** The packets that were under way when it began. */
  readonly underWay: number
}

const SERVER_DOWN_MS = 1_500
const CUT_BYTES = 20_000

/** Does to a network what its world may do to it, at moments that a seed determines. */
export class Acts {
  /** What these acts have done; what they still have in store may come much later. */
  readonly begun: Trouble[] = []
  readonly #note: (trouble: Trouble) => void
  readonly #network: Network
  readonly #packets: Packets
  readonly #random: Random
  readonly #under: Promise<void>[] = []
  /** By node: what was done last to its server. */
  readonly #disturbed = new Map<number, Promise<void>>()

  /** @param note takes each trouble when it begins */
  constructor(network: Network, packets: Packets, random: Random, note: (trouble: Trouble) => void) {
    this.#note = note
    this.#network = network
    this.#packets = packets
    this.#random = random
  }

  /** Does it to something. What follows goes on by itself. */
  begin(kind: Kind): void {
    this.#run(this.#act(kind))
  }

  count(kind: Kind): number {
    return this.begun.filter(trouble => trouble.kind === kind).length
  }

  /** Resolves when everything that was begun is over. */
  async over(): Promise<void> {
    while (this.#under.length > 0) await this.#under.shift()
  }

  async #act(kind: Kind): Promise<void> {
    const random = this.#random
    const processes = this.#network.processes()
    switch (kind) {
      case 'kill': {
        // One that is about to start is as good a victim as any, and so are several at once.
        const starting = processes.filter(({ isReady }) => !isReady)
        const among = starting.length > 0 && random.chance(0.3) ? starting : processes
        const count = random.chance(0.3) ? random.between(1, among.length) : 1
        for (const process of random.shuffled(among).slice(0, count)) this.#run(this.#kill(process))
        return
      }
      case 'pause':
        return this.#pause(random.pick(processes))
      case 'restart':
        return this.#restart(random.pick(processes))
      case 'link cut':
        return this.#cutLink(random.pick(processes))
      case 'endpoint cut':
        return this.#cutEndpoint()
      default:
        return this.#disturbServer(kind)
    }
  }

  #run(act: Promise<void>): void {
    act.catch(() => {})
    this.#under.push(act)
  }

  #trouble(kind: Kind, target: string, nodes: readonly number[], lane?: number): Trouble {
    const trouble = {
      kind,
      number: this.begun.length + 1,
      target,
      nodes,
      ...(lane !== undefined && { lane }),
      fromMs: Date.now(),
      toMs: undefined,
      underWay: this.#packets.underWay(),
    }
    this.begun.push(trouble)
    this.#note(trouble)
    return trouble
  }

  #nodeOf(process: ConnectorProcess): Node {
    return this.#network.nodes.find(({ processes }) => processes.includes(process)) as Node
  }

  /** One thing after another to each server. */
  #disturbServer(kind: 'server kill' | 'server pause' | 'store cut'): Promise<void> {
    const node = this.#random.pick(this.#network.nodes.filter(({ store }) => store.server))
    const server = node.store.server as StoreServer
    const act = async () => {
      const trouble = this.#trouble(kind, `server of n${node.index + 1}`, [])
      if (kind === 'server kill') await this.#killServer(server, node)
      else if (kind === 'server pause') await this.#pauseServer(server)
      else await this.#cutStore(server)
      trouble.toMs = Date.now()
    }
    const done = (this.#disturbed.get(node.index) ?? Promise.resolve()).then(act)
    this.#disturbed.set(node.index, done)
    return done
  }

  /** Kills a process, in whatever it is doing, and starts it again: at once, or when it is nearly or quite forgotten. */
  async #kill(process: ConnectorProcess): Promise<void> {
    const random = this.#random
    const pauseMs = random.pick([
      0,
      0,
      random.between(0, LEASE_MS),
      random.between(0, LEASE_MS * 2),
      random.between(FORGOTTEN_MS, FORGOTTEN_MS + 500),
    ])
    if (!process.isRunning) return
    const trouble = this.#trouble('kill', process.name, [this.#nodeOf(process).index])
    await process.kill()
    // What is sent from here on is for the next one, and no excuse to lose an answer.
    trouble.toMs = Date.now()
    await sleep(pauseMs)
    process.start()
    await process.ready()
  }

  async #killServer(server: StoreServer, { processes }: Node): Promise<void> {
    const random = this.#random
    const downMs = random.below(SERVER_DOWN_MS)
    const victim = random.chance(0.4) ? random.pick(processes) : undefined
    await server.process.kill()
    await sleep(downMs / 2)
    // What it has in its journal by now is the next one's to book, once the server is back.
    if (victim) this.#run(this.#kill(victim))
    await sleep(downMs / 2)
    await server.process.restart()
  }

  async #pauseServer({ process }: StoreServer): Promise<void> {
    await process.pause()
    await sleep(this.#random.below(SERVER_DOWN_MS))
    await process.resume()
  }

  /** Cuts one connection in the middle of a batch, or all of them for a while. */
  async #cutStore({ proxy }: StoreServer): Promise<void> {
    const random = this.#random
    if (random.chance(0.5)) {
      void proxy.cutAt(this.#cutPoint())
      return
    }
    proxy.refuse(true)
    proxy.cut()
    await sleep(random.below(SERVER_DOWN_MS))
    proxy.refuse(false)
  }

  #cutPoint() {
    const bytes = this.#random.below(CUT_BYTES)
    return this.#random.chance(0.5) ? { toServer: bytes } : { toClient: bytes }
  }

  /** For less than its lease, past it, or until somebody has ended its session. */
  async #pause(process: ConnectorProcess): Promise<void> {
    const random = this.#random
    const pausedMs = random.pick([
      random.between(1, LEASE_MS),
      random.between(LEASE_MS, LEASE_MS * 3),
      random.between(FORGOTTEN_MS, FORGOTTEN_MS + 500),
    ])
    const isKilled = random.chance(0.15)
    if (!process.isReady) return
    const trouble = this.#trouble('pause', process.name, [this.#nodeOf(process).index])
    process.pause()
    await sleep(pausedMs)
    if (isKilled) return this.#kill(process).finally(() => (trouble.toMs = Date.now()))
    process.resume()
    trouble.toMs = Date.now()
  }

  async #restart(process: ConnectorProcess): Promise<void> {
    if (!process.isReady) return
    const trouble = this.#trouble('restart', process.name, [this.#nodeOf(process).index])
    await process.stop()
    trouble.toMs = Date.now()
    process.start()
    await process.ready()
  }

  /** All links of a process to its neighbours at once, or one of them in the middle of a frame. */
  async #cutLink(process: ConnectorProcess): Promise<void> {
    const isOne = this.#random.chance(0.5)
    const point = this.#cutPoint()
    const cut = () => {
      const trouble = this.#trouble('link cut', process.name, [this.#nodeOf(process).index])
      trouble.toMs = Date.now()
    }
    if (isOne) return void process.proxy.cutAt(point).then(cut)
    process.proxy.cut()
    cut()
  }

  #cutEndpoint(): void {
    const lane = this.#random.below(LANES)
    const isSender = this.#random.chance(0.5)
    const node = isSender ? -1 : this.#network.nodes.length
    const trouble = this.#trouble('endpoint cut', `${isSender ? 'sender' : 'receiver'} ${lane}`, [node], lane)
    ;(isSender ? this.#network.senders : this.#network.receivers)[lane]?.cut()
    trouble.toMs = Date.now()
  }
}
