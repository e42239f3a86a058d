import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Acts, KINDS, type Kind, type Trouble } from './acts.js'
import { audit, type Booked, Settled } from './audit.js'
import type { LogLine } from './connector-process.js'
import { faultsOf, type Loss } from './findings.js'
import { Network } from './network.js'
import { type Packet, Packets } from './packets.js'
import { Random } from './random.js'
import type { StoreKind } from './stores.js'
import { FORGOTTEN_MS, laneAccounts } from './topology.js'

export interface TortureOptions {
  readonly store: StoreKind
  readonly seed: string
  /** The number of the first leg: a run that goes on where another one was stopped begins with its next. */
  readonly firstLeg: number
  readonly legs: number
  /** Kills of connectors in a leg, at the end of which all books are checked. */
  readonly killsPerLeg: number
  /** Kills of servers in a leg, where the store has any. */
  readonly serverKills: (leg: number) => number
  /** Up to how many packets are to be fulfilled between two acts; they are not waited for long. */
  readonly fulfillsBetweenMax: number
  readonly folder: string
  readonly program: readonly string[]
  /** Told of each leg when its books are right. */
  readonly done: (leg: Leg) => Promise<void> | void
  /** Ends the run behind the leg that is under way. */
  readonly signal?: AbortSignal
}

/** What came of a leg. */
export interface Leg {
  readonly leg: number
  readonly durationMs: number
  readonly acts: Readonly<Record<Kind, number>>
  readonly packets: number
  /** Packets whose senders heard of their Fulfill. */
  readonly fulfilled: number
  /** The packets under way at each act that can lose an answer, all together. */
  readonly underWayAtActs: number
  readonly lost: readonly Loss[]
  /** Lines of the connectors' logs that tell of rare paths, by their text. */
  readonly rare: Readonly<Record<string, number>>
}

/** The books are not right. */
export class Violation extends Error {
  override readonly name = 'Violation'

  constructor(
    readonly leg: number,
    readonly faults: readonly string[],
  ) {
    super(`leg ${leg}: ${faults.length} faults\n${faults.slice(0, 20).join('\n')}`)
  }
}

/** Long enough for what holds money to be over many times. */
const CLEAN_MS_MAX = 20_000
const POLL_MS = 50
/** What is waited for between two acts, and for how long. */
const PAUSE_MS_MAX = 600
const READY_MS_MAX = 5_000

/** Messages of bugs: nothing that is done here may cause them. */
const BUGS =
  /threw|could not be handled|was not answered|internal error|reconcile by hand|booked without|damaged/
/** Messages of paths that are taken seldom. */
const RARE =
  /journal was replayed|without its hold|gave no sign of life|not booked after all|came after its deadline|session in the store has ended|store has lost|before the peer could be told/

const LATE = /a Fulfill came after its deadline/

/** Runs a network under load, does everything to it that its world may do, and checks all books after each leg. */
export async function torture(options: TortureOptions): Promise<void> {
  await mkdir(options.folder, { recursive: true })
  const run = new Run(options)
  try {
    await run.start()
    for (let leg = options.firstLeg; leg < options.firstLeg + options.legs; leg++) {
      if (options.signal?.aborted) break
      await options.done(await run.leg(leg))
    }
    await run.lastCheck(options.firstLeg + options.legs)
  } finally {
    await run.stop()
  }
}

class Run {
  readonly #options: TortureOptions
  readonly #packets: Packets
  readonly #settled = new Settled()
  /** By node: the fulfillments that its log lists as late. */
  readonly #late = new Map<number, Set<string>>()
  #bugs: string[] = []
  #rare: Record<string, number> = {}
  /** Those of this leg, and of the one before: what that one lost may be booked only now. */
  #troubles: Trouble[] = []
  #formerLegMs = Date.now()
  #legMs = Date.now()
  /** Packets that were in doubt at the last check already. */
  #former = new Set<Packet>()
  #network: Network | undefined

  constructor(options: TortureOptions) {
    this.#options = options
    const { seed, store, firstLeg } = options
    this.#packets = new Packets(`${seed} ${store.name} ${firstLeg}`, store.processes.length)
  }

  async start(): Promise<void> {
    const { store, folder, program, seed, firstLeg } = this.#options
    this.#network = await Network.start(
      {
        store,
        seed: `${seed} ${store.name} ${firstLeg}`,
        folder,
        program,
        logged: (node, process, line) => this.#logged(node, process, line),
        ended: (process, wasReady) => {
          if (wasReady) this.#bugs.push(`${process} ended by itself`)
        },
      },
      this.#packets,
    )
  }

  async stop(): Promise<void> {
    await this.#network?.stop()
  }

  async leg(leg: number): Promise<Leg> {
    const { seed, store } = this.#options
    const network = this.#network as Network
    const startMs = performance.now()
    const { count, fulfilled } = this.#packets
    const random = new Random(`${seed} ${store.name} leg ${leg}`)
    const acts = new Acts(network, this.#packets, random, trouble => void this.#troubles.push(trouble))
    this.#rare = {}
    for (const sender of network.senders) sender.start()
    await this.#act(leg, acts, random)
    await acts.over()
    await network.restore()
    const lost = await this.#check(leg)
    return {
      leg,
      durationMs: Math.round(performance.now() - startMs),
      acts: Object.fromEntries(KINDS.map(kind => [kind, acts.count(kind)])) as Record<Kind, number>,
      packets: this.#packets.count - count,
      fulfilled: this.#packets.fulfilled - fulfilled,
      underWayAtActs: acts.begun.reduce((sum, { nodes, underWay }) => sum + (nodes.length && underWay), 0),
      lost,
      rare: this.#rare,
    }
  }

  /** Nothing may change any more when everything is forgotten that processes left behind. */
  async lastCheck(leg: number): Promise<void> {
    await sleep(FORGOTTEN_MS)
    await this.#check(leg)
  }

  async #act(leg: number, acts: Acts, random: Random): Promise<void> {
    const { killsPerLeg, serverKills, store } = this.#options
    const hasServer = store.name !== 'lmdb'
    const others: Kind[] = [
      ...Array<Kind>(hasServer ? serverKills(leg) : 0).fill('server kill'),
      ...(hasServer ? (['server pause', 'store cut'] as const) : []),
      ...(['pause', 'pause', 'link cut', 'link cut', 'endpoint cut'] as const),
      ...(random.chance(0.3) ? (['restart'] as const) : []),
    ]
    const network = this.#network as Network
    const left = random.shuffled(others)
    while (acts.count('kill') < killsPerLeg || left.length > 0) {
      const kills = Math.max(0, killsPerLeg - acts.count('kill'))
      const isOther = random.chance(left.length / (left.length + kills))
      await this.#pace(network, random)
      acts.begin((isOther ? left.pop() : undefined) ?? 'kill')
    }
  }

  /** Most acts fall on a network that runs, some on one that is on its knees already. */
  async #pace(network: Network, random: Random): Promise<void> {
    const downMax = random.pick([0, 0, 0, 1, network.processes().length])
    const fulfills = random.below(this.#options.fulfillsBetweenMax)
    const untilMs = performance.now() + READY_MS_MAX
    const down = () => network.processes().filter(({ isReady }) => !isReady).length
    while (down() > downMax && performance.now() < untilMs) await sleep(10)
    await Promise.race([this.#packets.more(fulfills), sleep(downMax === 0 ? PAUSE_MS_MAX : 100)])
  }

  /** Checks all books, once nothing is under way any more; gives them the time that they may take to be right. */
  async #check(leg: number): Promise<readonly Loss[]> {
    const network = this.#network as Network
    await Promise.all(network.senders.map(sender => sender.pause()))
    const untilMs = performance.now() + CLEAN_MS_MAX
    for (;;) {
      const found = await this.#look()
      const faults = typeof found === 'string' ? [found] : [...faultsOf(found.findings), ...this.#bugs]
      const isOver = this.#bugs.length > 0 || performance.now() > untilMs
      if (faults.length > 0 && isOver) {
        await this.#keepEvidence()
        throw new Violation(leg, faults)
      }
      if (faults.length === 0 && typeof found !== 'string') {
        return this.#close(found)
      }
      await sleep(POLL_MS)
    }
  }

  async #look(): Promise<Booked | string> {
    const network = this.#network as Network
    if (network.receivers.some(({ answering }) => answering > 0)) return 'receivers are answering'
    try {
      return audit({
        packets: this.#packets.all(),
        books: await network.books(),
        settled: this.#settled,
        troubles: this.#troubles,
        isListedLate: (node, { number }) =>
          this.#late.get(node)?.has(this.#packets.fulfillmentOf(number).toString('hex')) ?? false,
      })
    } catch (error) {
      return `books can't be read: ${(error as Error).message}`
    }
  }

  async #keepEvidence(): Promise<void> {
    const packets = this.#packets.all()
    const text = JSON.stringify({ troubles: this.#troubles, packets }, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    await writeFile(join(this.#options.folder, 'evidence.json'), text)
  }

  /** Takes what the books say as settled. What is in doubt stays so for one more leg: a commit may still be on its way. */
  #close({ booked, findings: { lost } }: Booked): readonly Loss[] {
    const nodes = booked.length
    for (const [node, packets] of booked.entries()) {
      for (const packet of packets) {
        const { from, to } = laneAccounts(nodes, node, packet.lane)
        this.#settled.add(node, from, -(packet.amounts[node] as bigint))
        this.#settled.add(node, to, packet.amounts[node + 1] as bigint)
        packet.booked[node] = true
      }
    }
    const formerLegMs = this.#formerLegMs
    this.#troubles = this.#troubles.filter(({ toMs = formerLegMs }) => toMs >= formerLegMs)
    this.#formerLegMs = this.#legMs
    this.#legMs = Date.now()
    const doubtful = new Set(lost.map(({ packet }) => packet))
    const former = this.#former
    this.#former = new Set()
    for (const packet of this.#packets.all()) {
      if (doubtful.has(packet.number) && !former.has(packet)) this.#former.add(packet)
      else this.#packets.forget(packet)
    }
    const isOld = new Set([...former].map(({ number }) => number))
    return lost.filter(({ packet }) => !isOld.has(packet))
  }

  #logged(node: number, process: string, line: LogLine): void {
    const { msg = '' } = line
    if (LATE.test(msg)) {
      const late = this.#late.get(node) ?? new Set()
      this.#late.set(node, late.add(String(line.fulfillment)))
    }
    if (BUGS.test(msg)) this.#bugs.push(`${process}: ${msg}: ${JSON.stringify(line.err ?? '')}`)
    if (RARE.test(msg)) this.#rare[msg] = (this.#rare[msg] ?? 0) + 1
  }
}
