import { Prepare } from '@ilp/service-core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventually } from '../peers/eventually.js'
import type { Play } from './endpoints.js'
import { bookedBehind, type Hop, linkBetween, Model, nameOf, type Payment, wayOf } from './model.js'
import { type Network, startNetwork, WINDOWS_MS } from './network.js'
import { conditionOf, EARLY, type Ending, HELD, ON_BTP, ON_HTTP, type Script, TIMED_OUT } from './scripts.js'
import { addressOf, LINK_ASSETS, type Link, NAMES, type Name, NODES, type Node, specOf } from './topology.js'

const SEED = 20_240_229
/** For packets that are to be answered. */
const LONG_MS = 30_000
/** For packets that are not: time for three connectors, and for the receiver to see it. */
const SHORT_MS = WINDOWS_MS + 600
/** For packets whose answer is kept on its way: the receiver has to have answered much earlier. */
const KEPT_MS = WINDOWS_MS + 1_500

interface Sent extends Payment {
  readonly number: number
  readonly script: Script
  readonly hops: readonly Hop[]
  readonly refusal: string | undefined
  readonly heard: Promise<string>
}

/** A network, the packets that went through it, and the model of what they did. */
class Run {
  readonly model = new Model()
  readonly arrived = new Set<number>()
  readonly early = new Set<number>()
  #scripts: Script[] = []
  #network: Network | undefined

  get network(): Network {
    if (!this.#network) throw new Error('not started')
    return this.#network
  }

  async start(): Promise<void> {
    const play: Play = {
      scriptOf: number => this.#scripts[number] ?? 'reject',
      arrived: number => void this.arrived.add(number),
      early: number => void this.early.add(number),
    }
    this.#network = await startNetwork(play)
    await this.linksUp()
  }

  send({ from, to, units }: Payment, script: Script, timeMs: number, dataLength = 4): Sent {
    const number = this.#scripts.push(script) - 1
    const data = Buffer.alloc(dataLength, number)
    data.writeUInt32BE(number)
    const prepare = Prepare.create({
      units,
      expiresAt: new Date(Date.now() + timeMs),
      executionCondition: conditionOf(number),
      destination: addressOf(to),
      data,
    })
    const heard = this.network.endpoints[from].send(prepare)
    return { from, to, units, number, script, heard, ...wayOf({ from, to, units }) }
  }

  /** Resolves when each of these is at its receiver, or refused. */
  async allArrived(sent: readonly Sent[]): Promise<void> {
    for (const { refusal, heard } of sent) if (refusal !== undefined) expect(await heard).toBe(refusal)
    await eventually(() => {
      for (const { number, refusal } of sent) if (!refusal) expect(this.arrived.has(number)).toBe(true)
    })
  }

  /** Sends packets without money until both links carry them, in both directions. */
  async linksUp(): Promise<void> {
    const ways: [Name, Name][] = [
      ['alice', 'bert'],
      ['bert', 'alice'],
      ['bert', 'carl'],
      ['carl', 'bert'],
    ]
    for (const [from, to] of ways) {
      await eventually(async () =>
        expect(await this.send({ from, to, units: 0n }, 'fulfil', LONG_MS).heard).toBe('fulfilled'),
      )
    }
  }
}

const endingOf = (to: Name, script: Script): Ending => {
  const endings: Readonly<Record<string, Ending>> = specOf(to).link === 'btp' ? ON_BTP : ON_HTTP
  return endings[script] as Ending
}

const units = fc.oneof(
  { weight: 2, arbitrary: fc.bigInt(0n, 20n) },
  { weight: 6, arbitrary: fc.bigInt(1n, 10n ** 7n) },
  { weight: 2, arbitrary: fc.bigInt(1n, 2n ** 64n - 1n) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n) },
)
// Who has no credit has no money either, as long as nobody pays it.
const receivers = NAMES.filter(name => specOf(name).minBalance === undefined)
const payment = fc.record({ from: fc.constantFrom(...NAMES), to: fc.constantFrom(...receivers), units })
const scripted = payment.chain(({ to, ...rest }) =>
  fc.record({
    payment: fc.constant({ to, ...rest }),
    script: fc.constantFrom(...(Object.keys(specOf(to).link === 'btp' ? ON_BTP : ON_HTTP) as Script[])),
    dataLength: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 4, max: 32_767 })),
    turns: fc.constantFrom(0, 0, 0, 1, 2),
  }),
)
const some = fc.array(payment, { minLength: 40, maxLength: 40 })

/** Packets of all kinds, as their receivers' scripts have it. */
async function anyEndings(
  run: Run,
  packets: readonly (typeof scripted extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const sent: Sent[] = []
  for (const { payment, script, dataLength, turns } of packets) {
    for (let i = 0; i < turns; i++) await new Promise(setImmediate)
    const isShort = script === 'silence' || script === 'lateFulfil'
    sent.push(run.send(payment, script, isShort ? SHORT_MS : LONG_MS, dataLength))
  }
  for (const { to, script, hops, refusal, heard, number, ...rest } of sent) {
    const ending = endingOf(to, script)
    const expected =
      refusal === undefined ? ending.heard : [refusal, ...(ending.heard.includes('R00') ? TIMED_OUT : [])]
    expect(expected, `${rest.from} → ${to}, ${rest.units}, ${script}`).toContain(await heard)
    if (refusal === undefined && ending.isPaid) run.model.book(hops)
    if (ending.isLate && run.arrived.has(number)) run.model.dropLate(specOf(to).node)
  }
}

/** The receivers' connections are cut while they have packets: nobody is paid. */
async function receiversCut(run: Run, packets: readonly Payment[]) {
  const sent = packets.map(payment => run.send(payment, HELD, LONG_MS))
  await run.allArrived(sent)
  const receivers = new Set(sent.filter(({ refusal }) => !refusal).map(({ to }) => to))
  await Promise.all([...receivers].map(name => run.network.endpoints[name].cut()))
  for (const { refusal, heard } of sent) if (!refusal) expect(['T01', 'closed']).toContain(await heard)
}

/** The sender's connection is cut while its packets are held: they are paid all the same. */
async function senderCut(run: Run, packets: readonly Payment[]) {
  const sent = packets
    .filter(({ to }) => to !== 'alice')
    .map(payment => run.send({ ...payment, from: 'alice' }, HELD, LONG_MS))
  // Tells when the connector has noticed.
  const probe = run.send({ from: 'bert', to: 'alice', units: 0n }, HELD, LONG_MS)
  await run.allArrived([...sent, probe])
  await run.network.endpoints.alice.cut()
  expect(await probe.heard).toBe('T01')
  for (const { to } of sent) run.network.endpoints[to].fulfilHeld()
  for (const { refusal, hops, heard } of sent) {
    if (refusal !== undefined) continue
    expect(await heard).toBe('closed')
    run.model.book(hops)
  }
}

/** The links between the connectors are cut while packets are held, which their receivers fulfil then. */
async function linksCut(run: Run, packets: readonly Payment[], broken: ReadonlySet<Link>) {
  const sent = packets.map(payment => run.send(payment, HELD, LONG_MS))
  await run.allArrived(sent)
  for (const link of broken) for (const proxy of run.network.links[link]) proxy.cut()
  const isBroken = ({ hops }: Sent) => bookedBehind(hops, broken).length < hops.length
  const onTheWay = sent.filter(({ refusal }) => refusal === undefined)
  for (const packet of onTheWay.filter(isBroken)) expect(await packet.heard).toBe('T01')
  for (const { to } of onTheWay) run.network.endpoints[to].fulfilHeld()
  for (const packet of onTheWay) {
    const booked = bookedBehind(packet.hops, broken)
    run.model.book(booked)
    if (isBroken(packet)) run.model.lose(booked)
    else expect(await packet.heard).toBe('fulfilled')
  }
  await run.linksUp()
}

/** The answers are kept on the links until the packets have timed out: then they come late, and are dropped. */
async function answersKept(run: Run, packets: readonly Payment[], broken: ReadonlySet<Link>) {
  for (const link of broken) for (const proxy of run.network.links[link]) proxy.hold()
  const rank = (name: Name) => NODES.indexOf(specOf(name).node)
  // Packets in the other direction of the BTP link would be kept as well, before they get to their receivers.
  const sent = packets
    .filter(({ from, to }) => rank(from) <= rank(to) || rank(to) > 0)
    .map(payment => run.send(payment, EARLY, KEPT_MS))
  for (const { hops, refusal, heard, number } of sent) {
    const outcome = await heard
    if (refusal !== undefined) {
      expect([refusal, ...TIMED_OUT]).toContain(outcome)
      continue
    }
    const booked = bookedBehind(hops, broken)
    const isKept = booked.length < hops.length
    expect(isKept || !run.early.has(number) ? TIMED_OUT : ['fulfilled']).toContain(outcome)
    if (!run.early.has(number)) continue
    run.model.book(booked)
    if (!isKept) continue
    run.model.lose(booked)
    run.model.dropLate(hops[hops.length - booked.length - 1]?.node as Node)
  }
  for (const link of broken) for (const proxy of run.network.links[link]) proxy.letGo()
  await run.linksUp()
}

/** Compares the Fulfills that each connector has listed as too late with those that were. */
function compareLate({ network, model }: Run) {
  for (const node of NODES) {
    const listed = network.loggers[node].entries.filter(({ message }) =>
      message.startsWith('a Fulfill came after'),
    )
    expect([node, listed.length]).toEqual([node, model.late.get(node) ?? 0])
  }
}

/** Compares all books with the model's. */
async function compare({ network, model }: Run) {
  for (const node of NODES) {
    const usernames = [
      ...NAMES.filter(name => specOf(name).node === node),
      ...(node === 'b' ? ['a', 'c'] : ['b']),
    ]
    const sums = new Map<string, bigint>()
    const add = (asset: string, units: bigint) => sums.set(asset, (sums.get(asset) ?? 0n) + units)
    for (const username of usernames) {
      const balance = model.balances.get(`${node}.${username}`) ?? 0n
      const books = await network.admin[node].books(username)
      expect({ username, ...books }).toEqual({ username, balance, heldOut: 0n, heldIn: 0n })
      add(assetOf(node, username), books.balance)
    }
    for (const { asset, balance } of await network.admin[node].positions()) {
      expect([asset, balance]).toEqual([asset, model.positions.get(`${node} ${asset}`)])
      add(asset, balance)
    }
    expect([...sums.values()].filter(sum => sum !== 0n)).toEqual([])
    const isLate = ({ message }: { message: string }) =>
      message.startsWith('a Fulfill came after its deadline')
    expect(network.loggers[node].entries.filter(isLate)).toHaveLength(model.late.get(node) ?? 0)
    expect(network.loggers[node].entries.filter(({ level }) => level === 'error')).toEqual([])
  }
  for (const [link, [one, other]] of [
    ['ab', ['a', 'b']],
    ['bc', ['b', 'c']],
  ] as const) {
    const sides = [await network.admin[one].books(other), await network.admin[other].books(one)]
    const disagreement = sides.reduce((sum, { balance }) => sum + balance, 0n)
    expect([link, disagreement]).toEqual([link, -(model.lost.get(link) ?? 0n)])
  }
}

const assetOf = (node: Node, username: string): string =>
  nameOf(
    (NAMES as readonly string[]).includes(username)
      ? specOf(username as Name).asset
      : LINK_ASSETS[linkBetween(node, username as Node)],
  )

/** Hundreds of packets would hide what is wrong with one of them. */
function reporter<T>({ failed, seed, counterexamplePath, errorInstance }: fc.RunDetails<T>): void {
  if (failed) throw new Error(`with seed ${seed} and path ${counterexamplePath}`, { cause: errorInstance })
}

test('after any packets, three connectors have the balances of a model, nothing held, and sums of zero', async () => {
  const rounds = fc.record({
    mixed: fc.array(scripted, { minLength: 400, maxLength: 400 }),
    receiversCut: some,
    senderCut: some,
    linksCut: some,
    answersKept: some,
    broken: fc.constantFrom<Link[]>(['ab'], ['bc'], ['ab', 'bc']),
  })
  await fc.assert(
    fc.asyncProperty(rounds, async packets => {
      const run = new Run()
      await run.start()
      try {
        const broken = new Set(packets.broken)
        await anyEndings(run, packets.mixed)
        await eventually(() => compareLate(run))
        await receiversCut(run, packets.receiversCut)
        await senderCut(run, packets.senderCut)
        await linksCut(run, packets.linksCut, broken)
        await answersKept(run, packets.answersKept, broken)
        await eventually(() => compareLate(run))
        await eventually(() => compare(run))
      } finally {
        await run.network.stop()
      }
    }),
    { seed: SEED, numRuns: 2, endOnFailure: true, reporter },
  )
})
