import { type BooksRecord, type SavedRecord, savedRecord } from '@ilp/store-traits'
import type { Row } from './log.js'

const PREFIX = 'money'

/** What a record is known by, among those of its kind. */
function nameOf(record: SavedRecord): string {
  switch (record.kind) {
    case 'position':
      return `${record.asset.scale} ${record.asset.code}`
    case 'balance':
    case 'leftover':
      return record.account
    case 'session':
      return record.session
    case 'hold':
      return `${record.session} ${record.account}`
    case 'settlement':
    case 'adjustment':
      return String(record.number)
    case 'key':
      return record.key
  }
}

export const moneyKey = (record: SavedRecord): string => `${PREFIX} ${record.kind} ${nameOf(record)}`

export const moneyRow = (record: BooksRecord): Row => (record.isGone ? undefined : savedRecord(record))

/** The records among the rows of a file. */
export const moneyIn = (rows: ReadonlyMap<string, Row>): SavedRecord[] =>
  [...rows].flatMap(([key, row]) => (key.startsWith(`${PREFIX} `) ? [row as SavedRecord] : []))
