import { setTimeout as sleep } from 'node:timers/promises'
import { silentLogger } from '@ilp/service-core'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  type CommitResult,
  createJournal,
  createLedger,
  Hold,
  type Journal,
  type LedgerStore,
  type SessionId,
  StoreError,
} from '../src/index.js'
import { temporaryFolder } from './process.js'
import { type Fate, ScriptedStore } from './scripted-store.js'
import { ALICE, BOB, transfer } from './set-up.js'

/** What happens next to a node, its store and its disk. */
type Step =
  | { readonly do: 'reserve'; readonly count: number }
  | { readonly do: 'commit' | 'release'; readonly pick: number; readonly withinMs: number }
  | { readonly do: 'script'; readonly fates: readonly Fate[] }
  | { readonly do: 'cut' | 'mend' | 'go on' | 'end the session' | 'fill the disk' | 'crash' | 'restart' }
  | { readonly do: 'wait'; readonly ms: number }

const reserve = fc.record({ do: fc.constant('reserve' as const), count: fc.integer({ min: 1, max: 3 }) })
const settle = fc.record({
  do: fc.constantFrom('commit', 'commit', 'release'),
  pick: fc.nat(100),
  withinMs: fc.constantFrom(-1, 2, 60_000),
})
const script = fc.record({
  do: fc.constant('script' as const),
  fates: fc.array(fc.constantFrom<Fate>('answered', 'lost', 'unanswered', 'held'), { maxLength: 5 }),
})
const event = fc.record({
  do: fc.constantFrom('cut', 'mend', 'mend', 'go on', 'end the session', 'fill the disk', 'crash', 'restart'),
})
const wait = fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 3) })

/** Long enough for what is overdue to be noticed, and written to the journal. */
const WRITING: Step = { do: 'wait', ms: 30 }

/** Commits that have to go into the journal, while more is under way, and what comes behind. */
const outage: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.constantFrom<Step>(
      { do: 'cut' },
      { do: 'script', fates: ['held'] },
      { do: 'script', fates: ['unanswered'] },
    ),
    fc.array(fc.oneof(reserve, settle, settle, wait), { minLength: 2, maxLength: 6 }),
    fc.array(fc.oneof(settle, wait), { maxLength: 3 }),
    fc.constantFrom<Step>({ do: 'crash' }, { do: 'restart' }, { do: 'mend' }, { do: 'go on' }),
  )
  .map(([begin, during, behind, end]) => [
    { do: 'reserve', count: 3 },
    { do: 'wait', ms: 3 },
    begin,
    ...during,
    WRITING,
    ...behind,
    end,
  ])

const steps: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: outage },
      ...[reserve, settle, settle, script, event, wait, wait].map(one => ({
        weight: 2,
        arbitrary: one.map((step): readonly Step[] => [step]),
      })),
    ),
    { minLength: 6, maxLength: 25, size: 'max' },
  )
  .map(parts => parts.flat())

const gone = () => Promise.reject(new StoreError('ERR_STORE_UNAVAILABLE', 'this process is dead'))

/** One process's way to the store and the disk, until it dies. What it has sent before may arrive even then. */
function createProcess(store: ScriptedStore, folder: string, disk: { isFull: boolean }) {
  let isAlive = true
  const real = createJournal(folder)
  const guard =
    <Arguments extends unknown[], T>(call: (...given: Arguments) => Promise<T>) =>
    (...given: Arguments): Promise<T> =>
      isAlive ? call(...given) : gone()
  const ways: LedgerStore = {
    openSession: guard(store.openSession),
    renewSession: guard(store.renewSession),
    endSession: guard(store.endSession),
    endExpiredSessions: guard(store.endExpiredSessions),
    apply: guard(store.apply),
    readBalance: guard(store.readBalance),
    readPositions: guard(store.readPositions),
  }
  const journal: Journal = {
    ...real,
    append: guard(batches =>
      disk.isFull ? Promise.reject(new Error('no space left')) : real.append(batches),
    ),
    keep: guard(real.keep),
    note: guard(real.note),
    setAside: guard(real.setAside),
  }
  const ledger = createLedger(
    { store: ways, journal, logger: silentLogger },
    { retryMinMs: 1, retryMaxMs: 3, stopTimeoutMs: 20, batchMax: 3, leaseMs: 60 },
  )
  return {
    ledger,
    isAlive: () => isAlive,
    /** Resolves when its file and its lock are free, as the system does that; what it was doing still comes to its end. */
    crash: async () => {
      isAlive = false
      const dying = ledger.stop()
      await real.stop()
      return { dying }
    },
  }
}

/** A node, and everything that it was told of its transfers. */
class Node {
  readonly store = new ScriptedStore()
  readonly disk = { isFull: false }
  readonly held: { readonly index: number; readonly hold: Hold; readonly of: object }[] = []
  /** By transfer: what its commit came to, or that it never was answered. */
  readonly commits = new Map<number, CommitResult | 'unanswered'>()
  readonly dying: Promise<unknown>[] = []
  #count = 0
  #process

  constructor(private readonly folder: string) {
    this.#process = createProcess(this.store, folder, this.disk)
  }

  start(): Promise<void> {
    return this.#process.ledger.start()
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'reserve') for (let i = 0; i < step.count; i++) this.#reserve()
    else if (step.do === 'commit' || step.do === 'release') this.#settle(step.do, step.pick, step.withinMs)
    else if (step.do === 'script') this.store.fates.push(...step.fates)
    else if (step.do === 'cut') this.store.isDown = true
    else if (step.do === 'mend') this.store.isDown = false
    else if (step.do === 'go on') this.store.goOn()
    else if (step.do === 'fill the disk') this.disk.isFull = !this.disk.isFull
    else if (step.do === 'end the session') this.store.end(this.store.opened.at(-1) as SessionId)
    else if (step.do === 'wait') await sleep(step.ms)
    else await this.#replace(step.do)
  }

  /** Lets everything come to its end, and then says what is held. */
  async settle(): Promise<bigint> {
    this.#heal()
    this.store.goOn()
    const { ledger } = this.#process
    await vi.waitFor(() => {
      for (const { hold, of } of this.held.splice(0)) if (of === this.#process) ledger.release(hold)
      expect(ledger.open()).toBe(0)
    }, 20_000)
    const { heldOut } = await this.store.readBalance(ALICE.id)
    await ledger.stop()
    await Promise.all(this.dying)
    return heldOut
  }

  #heal(): void {
    this.store.isDown = false
    this.store.fates.length = 0
    this.disk.isFull = false
  }

  async #replace(end: 'crash' | 'restart'): Promise<void> {
    if (end === 'restart') await this.#process.ledger.stop()
    else this.dying.push((await this.#process.crash()).dying)
    await sleep(3)
    this.#heal()
    this.#process = createProcess(this.store, this.folder, this.disk)
    await this.start()
  }

  #reserve(): void {
    const { ledger, isAlive } = this.#process
    const of = this.#process
    const index = this.#count++
    // Digits to the base four: how often each transfer is booked can be read off the sum.
    void ledger.reserve(transfer(4n ** BigInt(index)), Date.now() + 30).then(hold => {
      if (isAlive() && hold instanceof Hold) this.held.push({ index, hold, of })
    })
  }

  #settle(kind: 'commit' | 'release', pick: number, withinMs: number): void {
    const mine = this.held.filter(({ of }) => of === this.#process)
    const picked = mine[pick % (mine.length || 1)]
    if (!picked) return
    this.held.splice(this.held.indexOf(picked), 1)
    const { ledger, isAlive } = this.#process
    if (kind === 'release') return ledger.release(picked.hold)
    this.commits.set(picked.index, 'unanswered')
    void ledger.commit(picked.hold, Date.now() + withinMs).then(result => {
      if (isAlive()) this.commits.set(picked.index, result)
    })
  }
}

describe('whatever happens to the store, the line, the disk and the process', () => {
  it('every relayed Fulfill is booked once, no other transfer is, and no hold is left', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async history => {
        const folder = await temporaryFolder()
        const node = new Node(folder.path)
        try {
          await node.start()
          for (const next of history) await node.take(next)
          expect(await node.settle()).toBe(0n)
          const { balance, ...held } = await node.store.readBalance(BOB.id)
          expect(held).toEqual({ heldOut: 0n, heldIn: 0n })
          expect(await node.store.readBalance(ALICE.id)).toEqual({
            balance: -balance,
            heldOut: 0n,
            heldIn: 0n,
          })
          const digits = [...balance.toString(4)].reverse().map(Number)
          for (let index = 0; index < Math.max(digits.length, 40); index++) {
            const times = digits[index] ?? 0
            const result = node.commits.get(index)
            if (result === 'booked' || result === 'journaled') expect(times, `${index} ${result}`).toBe(1)
            else if (result === undefined) expect(times, `${index} was never committed`).toBe(0)
            else expect(times, `${index} ${result}`).toBeLessThanOrEqual(1)
          }
        } finally {
          await folder.remove()
        }
      }),
      { numRuns: 15, endOnFailure: true },
    )
  })
})
