import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createJournal } from '../src/index.js'
import { compile, temporaryFolder } from './process.js'
import { ScriptedStore } from './scripted-store.js'
import { ALICE, BOB } from './set-up.js'
import { isCall, serve } from './store-over-ipc.js'

interface Told {
  readonly index: number
  readonly committed: 'asked' | 'booked' | 'journaled' | 'unbooked'
}

/** What was heard of each transfer last. */
type Heard = Map<number, Told['committed']>

/** Starts a node; resolves when it pays. */
async function start(program: string, args: readonly string[], store: ScriptedStore, heard: Heard) {
  const child = fork(program, args, { serialization: 'advanced' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    child.once('exit', code => reject(new Error(`the node has ended: ${code}`)))
    child.on('message', message => {
      if (message === 'started') resolve()
      else if (isCall(message)) void serve(child, store, message)
      else heard.set((message as Told).index, (message as Told).committed)
    })
  })
  return child
}

/** What became of each transfer whose Fulfill has gone on. */
const relayed = (heard: Heard) => [...heard.values()].filter(committed => committed !== 'asked')

/** Has the store fall silent until that has made a commit go into the journal: at times none is under way. */
async function journals(store: ScriptedStore, heard: Heard): Promise<void> {
  const journaled = () => [...heard.values()].filter(committed => committed === 'journaled').length
  let before: number
  do {
    store.isDown = false
    await sleep(20)
    before = journaled()
    store.isDown = true
    await sleep(100)
  } while (journaled() === before)
}

describe('a node that is killed', () => {
  it('has every relayed Fulfill booked once when it is started again on its journal', async () => {
    const folder = await temporaryFolder()
    onTestFinished(folder.remove)
    const program = await compile('node.ts', folder.path)
    const store = new ScriptedStore()
    const heard: Heard = new Map()
    for (let kills = 0; kills < 9; kills++) {
      const first = Math.max(-1, ...heard.keys()) + 1
      const child = await start(program, [folder.path, String(first)], store, heard)
      await sleep(Math.random() * 60)
      // On a slow machine these moments may have been too short for much.
      if (kills === 8) while (relayed(heard).length <= 10) await sleep(5)
      // The store falls silent: what is under way is applied behind the death of who asked for it, lost, or not answered.
      store.fates.push((['held', 'lost', 'unanswered'] as const)[kills % 3] ?? 'held')
      store.isDown = kills % 3 === 1
      // Once for certain: after a Fulfill has been journaled, before the store could take it.
      if (kills === 4) await journals(store, heard)
      else await sleep(Math.random() * 60)
      child.kill('SIGKILL')
      await once(child, 'exit')
      store.isDown = false
      store.fates.length = 0
      if (kills % 2) store.goOn()
    }
    store.goOn()
    // What the next process would do before anything else.
    const journal = createJournal(folder.path)
    await journal.start()
    const { sessions, batches } = journal.left()
    await journal.stop()
    for (const session of sessions) await store.endSession(session)
    for (const { session, seq, commits } of batches) {
      const operations = commits.map(transfer => ({ kind: 'commit' as const, transfer }))
      await store.apply(session, seq, operations).catch(() => {})
    }

    const { balance, ...held } = await store.readBalance(BOB.id)
    expect(held).toEqual({ heldOut: 0n, heldIn: 0n })
    expect((await store.readBalance(ALICE.id)).balance).toBe(-balance)
    const digits = [...balance.toString(4)].reverse().map(Number)
    for (let index = 0; index < digits.length; index++) {
      const times = digits[index] ?? 0
      const committed = heard.get(index)
      if (committed === undefined) expect(times, `${index} was not committed`).toBe(0)
      else if (committed === 'asked') expect(times, `${index} was asked for`).toBeLessThanOrEqual(1)
      else expect(times, `${index} is ${committed}`).toBe(1)
    }
    expect(relayed(heard)).toContain('journaled')
  })
})
