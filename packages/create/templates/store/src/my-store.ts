import { type Disposable, lifecycle } from '@ilp/service-core'
import { Books, type BooksRecord, moneyTraits, type Store, StoreError } from '@ilp/store-traits'
import type { Backend } from './backend.js'

/** What this store has of all that a store can have: the money. */
export type MyStore = Disposable & Pick<Store, 'properties' | 'ledger' | 'settlements' | 'adjustments'>

export interface MyStoreDeps {
  readonly backend: Backend
  /** The clock of leases and of what is kept for a time, in milliseconds since 1970. It goes on while the store is closed. */
  readonly nowMs?: () => number
}

/**
 * A store of balances, holds and settlements, for one process. They are reckoned with in memory; a step is acknowledged
 * when the backend has what it changed, together with what other steps changed meanwhile.
 */
export function createMyStore({ backend, nowMs = Date.now }: MyStoreDeps): MyStore {
  let isOpen = false
  let marked = new Set<BooksRecord>()
  const books = new Books({ nowMs, mark: record => marked.add(record) })
  /** The writes one behind the other. Once one has failed, memory is ahead of the backend: all that follow fail too. */
  let last: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  const write = (): Promise<void> => {
    next = undefined
    const records = [...marked]
    marked = new Set()
    return records.length > 0 ? backend.write(records) : Promise.resolve()
  }
  /** Resolves when all that is marked now has been written. */
  const written = async (): Promise<void> => {
    if (!next) {
      next = last.then(write)
      last = next
    }
    try {
      await next
    } catch (cause) {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'the backend did not take it', { cause })
    }
  }
  const step = async <T>(act: () => T): Promise<T> => {
    if (!isOpen) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
    const result = act()
    await written()
    return result
  }

  return {
    ...lifecycle({
      start: async () => {
        books.load(await backend.readAll())
        isOpen = true
      },
      stop: async () => {
        isOpen = false
        await last.catch(() => {})
      },
    }),
    properties: () => ({ loses: backend.loses, shared: false }),
    ...moneyTraits(books, step),
  }
}
