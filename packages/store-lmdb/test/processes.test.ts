import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { accountId } from '@ilp/service-core'
import { createSecrets } from '@ilp/store-traits'
import { type Child, startProgram } from '@ilp/test-peers'
import { expect, it, onTestFinished } from 'vitest'
import { createLmdbStore } from '../src/index.js'
import { temporaryFolder } from './process.js'

const payer = fileURLToPath(new URL('fixtures/payer.ts', import.meta.url))

type Committed = 'asked' | 'booked' | 'journaled' | 'unbooked'

/** A folder with a store and a journal, the programs that pay in it, and what was heard of each payment last. */
class Payments {
  readonly heard = new Map<number, Committed>()
  readonly #directory: string
  #wake = () => {}

  constructor(directory: string) {
    this.#directory = directory
  }

  start(leaseMs: number, holdMaxMs: number): Child {
    const folders = [join(this.#directory, 'data'), join(this.#directory, 'journal')]
    const first = Math.max(-1, ...this.heard.keys()) + 1
    const child = startProgram(payer, [...folders, String(first), String(leaseMs), String(holdMaxMs)])
    onTestFinished(() => void child.process.kill('SIGKILL'))
    child.process.on('message', message => {
      const { index, committed } = message as { readonly index: number; readonly committed: Committed }
      this.heard.set(index, committed)
      this.#wake()
    })
    void child.exited.then(() => this.#wake())
    return child
  }

  /** Resolves in the midst of a commit, when so many more have been relayed. */
  async isPaying(child: Child, more: number): Promise<void> {
    const before = this.relayed().length
    const isOn = () => this.relayed().length >= before + more && [...this.heard.values()].at(-1) === 'asked'
    while (!isOn()) {
      if (child.process.exitCode !== null) throw new Error(`the payer has ended: ${child.output()}`)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** The payments whose Fulfill has gone on. */
  relayed(): readonly number[] {
    return [...this.heard].filter(([, committed]) => committed !== 'asked').map(([index]) => index)
  }

  /** What was relayed is in the books once, what was asked for once or not at all, and nothing is held. */
  async check(): Promise<void> {
    const directory = join(this.#directory, 'data')
    await using store = createLmdbStore({ directory, secrets: createSecrets(new Uint8Array(32)) })
    await store.start()
    let sum = 0n
    for (let index = 0; index <= Math.max(...this.heard.keys()); index++) {
      const { balance, heldIn } = await store.ledger.readBalance(accountId(`payee-${index}`))
      const committed = this.heard.get(index)
      expect([index, heldIn]).toEqual([index, 0n])
      if (committed === undefined) expect([index, balance]).toEqual([index, 0n])
      else if (committed === 'asked') expect([0n, 1n], `${index}`).toContain(balance)
      else expect([index, committed, balance]).toEqual([index, committed, 1n])
      sum += balance
    }
    const paid = { balance: -sum, heldOut: 0n, heldIn: 0n }
    expect(await store.ledger.readBalance(accountId('payer'))).toEqual(paid)
    expect((await store.ledger.readPositions())[0]?.balance).toBe(0n)
  }
}

/** Tells it to stop, and waits until it has ended by itself. */
async function finish(child: Child): Promise<void> {
  child.process.send('stop')
  await child.exited
  expect(child.process.exitCode).toBe(0)
}

it('a process that is killed and started again on the same folder and journal has booked what it relayed', async () => {
  const payments = new Payments(await temporaryFolder())
  // Longer than the test: what a killed process held is given back by the next one, or not at all.
  const long = 600_000
  for (let kills = 0; kills < 4; kills++) {
    const child = payments.start(long, long)
    await payments.isPaying(child, 30)
    await sleep(Math.random() * 20)
    child.process.kill('SIGKILL')
    await child.exited
  }
  const last = payments.start(long, long)
  await payments.isPaying(last, 10)
  await finish(last)
  await payments.check()
})

it('a process that is paused past its lease in the midst of a commit comes back and goes on', async () => {
  const payments = new Payments(await temporaryFolder())
  const [leaseMs, holdMaxMs] = [150, 150]
  const child = payments.start(leaseMs, holdMaxMs)
  for (let pauses = 0; pauses < 3; pauses++) {
    await payments.isPaying(child, 30)
    child.process.kill('SIGSTOP')
    await sleep(leaseMs + holdMaxMs + 100)
    child.process.kill('SIGCONT')
  }
  await payments.isPaying(child, 30)
  await finish(child)
  await payments.check()
})
