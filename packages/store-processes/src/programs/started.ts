import type { Store } from '@ilp/store-traits'
import type { StoreModule } from '../harness.js'

/** The store that the program was started with, and what it has to know besides. */
export async function started(): Promise<readonly [store: Store, argument: string]> {
  const [module = '', url = '', name = '', argument = ''] = process.argv.slice(2)
  const { createStore } = (await import(module)) as StoreModule
  const store = createStore(url, name)
  await store.start()
  return [store, argument]
}
