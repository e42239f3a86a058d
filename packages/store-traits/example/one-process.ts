import { type Disposable, lifecycle } from '@ilp/service-core'
import {
  Books,
  type BooksRecord,
  moneyTraits,
  type SavedRecord,
  type Store,
  StoreError,
} from '@ilp/store-traits'

/** Where records are kept. */
export interface RecordBackend {
  readonly readAll: () => Promise<Iterable<SavedRecord>>
  /** Writes all of them in one durable transaction, each as it is at the call; removes those that are gone. */
  readonly write: (records: readonly BooksRecord[]) => Promise<void>
}

/** The money of a store that one process uses. */
export function createMoneyStore(
  backend: RecordBackend,
): Disposable & Pick<Store, 'properties' | 'ledger' | 'settlements' | 'adjustments'> {
  let isOpen = false
  const marked = new Set<BooksRecord>()
  let lastWrite: Promise<void> = Promise.resolve()

  /** One transaction at a time. What is marked meanwhile goes together into the next. */
  const flushed = async (): Promise<void> => {
    await lastWrite.catch(() => {})
    const records = [...marked]
    marked.clear()
    try {
      if (records.length > 0) await backend.write(records)
    } catch (cause) {
      // The memory is what counts, and the backend follows with the next step.
      for (const record of records) marked.add(record)
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'the backend did not take it', { cause })
    }
  }

  const books = new Books({ nowMs: Date.now, mark: record => marked.add(record) })
  return {
    ...lifecycle({
      start: async () => {
        books.load(await backend.readAll())
        isOpen = true
      },
      stop: async () => {
        isOpen = false
        await lastWrite.catch(() => {})
      },
    }),
    properties: () => ({ loses: undefined, shared: false }),
    ...moneyTraits(books, async act => {
      if (!isOpen) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
      const result = act()
      lastWrite = flushed()
      await lastWrite
      return result
    }),
  }
}
