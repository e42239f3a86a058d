import { type BooksRecord, type SavedRecord, savedRecord } from '@ilp/store-traits'

/** Where the records are kept: to be written against your database. */
export interface Backend {
  /** What can be lost of the records that were written, in words; undefined when nothing can. */
  readonly loses: string | undefined
  readonly readAll: () => Promise<readonly SavedRecord[]>
  /**
   * Writes these records, each as it is at the call, and removes those that are gone: all of it in one durable
   * transaction, or none, within a bounded time: packets wait for it. Called again only when the last call has ended.
   */
  readonly write: (records: readonly BooksRecord[]) => Promise<void>
}

/** What a record is known by. A later record under the same key takes its place. */
function keyOf(record: BooksRecord): string {
  switch (record.kind) {
    case 'position':
      return `position ${record.asset.scale} ${record.asset.code}`
    case 'balance':
    case 'leftover':
      return `${record.kind} ${record.account}`
    case 'session':
      return `session ${record.session}`
    case 'hold':
      return `hold ${record.session} ${record.account}`
    case 'settlement':
    case 'adjustment':
      return `${record.kind} ${record.number}`
    case 'key':
      return `key ${record.key}`
  }
}

/** Stands in for a database, and forgets everything with the process. */
export function createMapBackend(): Backend {
  const rows = new Map<string, SavedRecord>()
  return {
    loses: 'everything, as soon as the process ends',
    readAll: async () => [...rows.values()],
    write: async records => {
      for (const record of records) {
        if (record.isGone) rows.delete(keyOf(record))
        else rows.set(keyOf(record), savedRecord(record))
      }
    },
  }
}
