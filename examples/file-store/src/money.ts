import type { BooksRecord, SavedRecord } from '@ilp/store-traits'
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

/** What a record says: records of the books have more about them, which isn't kept. */
function saved(record: SavedRecord): SavedRecord {
  switch (record.kind) {
    case 'position': {
      const { kind, asset, balance, settled, adjusted } = record
      return { kind, asset, balance, settled, adjusted }
    }
    case 'balance': {
      const { kind, account, asset, balance } = record
      return { kind, account, asset, balance }
    }
    case 'session': {
      const { kind, session, terms, seenMs, endedMs, seq, outcomes } = record
      return { kind, session, terms, seenMs, endedMs, seq, outcomes }
    }
    case 'hold': {
      const { kind, session, account, out, into } = record
      return { kind, session, account, out, into }
    }
    case 'settlement': {
      const { kind, account, number, key, amount, createdAtMs } = record
      return { kind, account, number, key, amount, createdAtMs }
    }
    case 'key': {
      const { kind, key, account, quantity, credited, usedMs } = record
      return { kind, key, account, quantity, credited, usedMs }
    }
    case 'leftover': {
      const { kind, account, quantity } = record
      return { kind, account, quantity }
    }
    case 'adjustment': {
      const { kind, number, key, account, amount, reason, postedAtMs } = record
      return { kind, number, key, account, amount, reason, postedAtMs }
    }
  }
}

export const moneyKey = (record: SavedRecord): string => `${PREFIX} ${record.kind} ${nameOf(record)}`

export const moneyRow = (record: BooksRecord): Row => (record.isGone ? undefined : saved(record))

/** The records among the rows of a file. */
export const moneyIn = (rows: ReadonlyMap<string, Row>): SavedRecord[] =>
  [...rows].flatMap(([key, row]) => (key.startsWith(`${PREFIX} `) ? [row as SavedRecord] : []))
