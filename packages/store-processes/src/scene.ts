import { equal } from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { accountId } from '@ilp/service-core'
import type { Balance, Store } from '@ilp/store-traits'
import { type Child, startProgram } from '@ilp/test-peers'
import { persist } from './given.js'
import type { Backend, ProcessesHarness, StoreModule } from './harness.js'

export type Program = 'payer' | 'pauser' | 'journaler' | 'asker'

const ANSWER_MS_MAX = 30_000

/** A backend, a store on it in this process, and programs that use it as well; all of them stopped in the end. */
export class Scene implements AsyncDisposable {
  readonly backend: Backend
  readonly #module: URL
  readonly #createStore: StoreModule['createStore']
  readonly #stores: Store[] = []
  readonly #children: Child[] = []

  private constructor(module: URL, { createStore }: StoreModule, backend: Backend) {
    this.#module = module
    this.#createStore = createStore
    this.backend = backend
  }

  static async of({ module, createBackend }: ProcessesHarness): Promise<Scene> {
    return new Scene(module, (await import(module.href)) as StoreModule, await createBackend())
  }

  /** One more store on the backend. */
  async open(): Promise<Store> {
    const store = this.#createStore(this.backend.url, this.backend.name)
    this.#stores.push(store)
    await store.start()
    return store
  }

  /** Runs a program until it has printed this. */
  async run(program: Program, printed: RegExp, argument: string, url = this.backend.url): Promise<Child> {
    const path = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url))
    const child = startProgram(path, [this.#module.href, url, this.backend.name, argument])
    this.#children.push(child)
    await child.printed(printed, ANSWER_MS_MAX)
    return child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(child => child.stop()))
    for (const store of this.#stores) await store.stop()
  }
}

/** Sends a program on, and returns what it says to that. */
export async function answer(child: Child, printed: RegExp): Promise<string> {
  child.process.send('go')
  const [, said = ''] = await child.printed(printed, ANSWER_MS_MAX)
  return said
}

/** Has a program killed, and waits until it is gone. */
export async function kill(child: Child): Promise<void> {
  child.process.kill('SIGKILL')
  await child.exited
}

export const balanceOf = ({ ledger }: Store, name: string): Promise<Balance> =>
  ledger.readBalance(accountId(name))

/** Resolves when nothing is held of the account any more. */
export const isReleased = (store: Store, name: string): Promise<void> =>
  persist(async () => equal((await balanceOf(store, name)).heldOut, 0n))
