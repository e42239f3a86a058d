import type { BooksRecord, SavedRecord } from './records.js'

/** All that a record says, as it is now: for a store that keeps copies. It stays as it is when the record changes. */
export function savedRecord(record: BooksRecord): SavedRecord {
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
