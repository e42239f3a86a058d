import type { Store } from '@ilp/store-traits'

/** A backend, reached by its URL, also through a proxy; and what it is called there. */
export interface Backend {
  readonly url: string
  readonly name: string
}

/** What the module exports that the programs get their store from. */
export interface StoreModule {
  readonly createStore: (url: string, name: string) => Store
}

export interface ProcessesHarness {
  /** Where the `StoreModule` is. */
  readonly module: URL
  /** Makes an empty backend. Every test gets one of its own. */
  readonly createBackend: () => Backend | Promise<Backend>
}

/** One test. Passes when `run` resolves. */
export interface ProcessesTest {
  readonly name: string
  readonly run: () => Promise<void>
}
