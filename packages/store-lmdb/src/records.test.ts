import { type AccountId, accountId } from '@ilp/service-core'
import type { BooksRecord, Outcome, SavedRecord, SessionId } from '@ilp/store-traits'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Row } from './disk.js'
import { readRecords, rowOf } from './records.js'

const USD = { code: 'USD', scale: 9 }
const BOB = accountId('bob')
const SESSION = 'AAAAAAAAAAAAAAAAAAAAAA' as SessionId
const AT_MS = 1_800_000_000_000

const recordOf = (saved: SavedRecord, isGone = false): BooksRecord => ({ ...saved, isGone, row: undefined })

/** Both, as text and in hexadecimal digits. */
const written = (saved: SavedRecord) => {
  const { key, value } = rowOf(recordOf(saved))
  return [key.toString(), Buffer.from(value() ?? []).toString('hex')]
}

/** What a disk that has these rows gives back. */
function readAgain(rows: readonly Row[]): SavedRecord[] {
  const read = function* (kind: string): Generator<[string, Buffer]> {
    for (const { key, value } of rows) {
      const bytes = value()
      if (bytes && key.toString('utf8', 0, 1) === kind) yield [key.toString('utf8', 1), Buffer.from(bytes)]
    }
  }
  return [...readRecords({ read })]
}

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
const account = name as unknown as fc.Arbitrary<AccountId>
const asset = fc.record({ code: name, scale: fc.integer({ min: 0, max: 255 }) })
const signed = fc.bigInt(-(2n ** 1_200n), 2n ** 1_200n)
const amount = fc.bigInt(0n, 2n ** 1_200n)
const quantity = fc.record({ amount, scale: fc.integer({ min: 0, max: 255 }) })
const session = fc.constant(SESSION)
const number = fc.nat()
const outcome = fc.constantFrom<Outcome>(
  'done',
  'below-minimum',
  'above-maximum',
  'session-ended',
  'late',
  'no-hold',
)
const kind = <K extends SavedRecord['kind']>(of: K) => fc.constant(of)

const saved: fc.Arbitrary<SavedRecord> = fc.oneof(
  fc.record({ kind: kind('position'), asset, balance: signed, settled: signed, adjusted: signed }),
  fc.record({ kind: kind('balance'), account, asset, balance: signed }),
  fc.record({
    kind: kind('session'),
    session,
    terms: fc.record({ leaseMs: number, holdMaxMs: number }),
    seenMs: number,
    endedMs: fc.option(number, { nil: undefined }),
    seq: number,
    outcomes: fc.array(outcome),
  }),
  fc.record({ kind: kind('hold'), session, account, out: amount, into: amount }),
  fc.record({ kind: kind('settlement'), account, number, key: name, amount, createdAtMs: number }),
  fc.record({ kind: kind('key'), key: name, account, quantity, credited: amount, usedMs: number }),
  fc.record({ kind: kind('leftover'), account, quantity }),
  fc.record({
    kind: kind('adjustment'),
    number,
    key: name,
    account,
    amount: signed,
    reason: fc.string({ unit: 'grapheme' }),
    postedAtMs: number,
  }),
)

describe('records', () => {
  it('are written as they always were', () => {
    const balance = 2n ** 64n
    const terms = { leaseMs: 5_000, holdMaxMs: 35_000 }
    const outcomes: Outcome[] = ['done', 'done', 'late', 'no-hold', 'done']
    const quantity = { amount: 255n, scale: 11 }
    const all: SavedRecord[] = [
      { kind: 'position', asset: USD, balance: -3n, settled: 1n, adjusted: 0n },
      { kind: 'balance', account: BOB, asset: USD, balance },
      { kind: 'hold', session: SESSION, account: BOB, out: 255n, into: 0n },
      { kind: 'session', session: SESSION, terms, seenMs: AT_MS, endedMs: undefined, seq: 7, outcomes },
      { kind: 'settlement', account: BOB, number: 1, key: 'key', amount: 5n, createdAtMs: AT_MS },
      { kind: 'key', key: 'key', account: BOB, quantity, credited: 2n, usedMs: AT_MS },
      { kind: 'leftover', account: BOB, quantity },
      {
        kind: 'adjustment',
        number: 1,
        key: 'key',
        account: BOB,
        amount: -1n,
        reason: 'because',
        postedAtMs: AT_MS,
      },
    ]
    const at = '0601a3185c5000'
    const text = (of: string) =>
      `${Buffer.from([of.length]).toString('hex')}${Buffer.from(of).toString('hex')}`
    expect(all.map(written)).toEqual([
      ['p9 USD', `0105${'0102'}${'0100'}`],
      ['bbob', `09020000000000000000${text('9 USD')}`],
      [`h${SESSION}bob`, '01ff0100'],
      [`s${SESSION}`, `021388${'0288b8'}${at}${'0100'}${'0107'}${'000102'}${'040101'}${'050101'}${'000101'}`],
      ['obob', `0101${text('key')}${'0105'}${at}`],
      ['kkey', `${text('bob')}${'01ff'}${'0b'}${'0102'}${at}`],
      ['lbob', '01ff0b'],
      ['jkey', `0101${text('bob')}${'0101'}${text('because')}${at}`],
    ])
  })

  it('are read as they were written, of any size', () => {
    fc.assert(
      fc.property(fc.array(saved, { minLength: 1, maxLength: 20 }), records => {
        // One of each kind, by chance: two of a name would be one row.
        const one = new Map(records.map(record => [record.kind, record]))
        const read = readAgain([...one.values()].map(record => rowOf(recordOf(record))))
        expect(new Map(read.map(record => [record.kind, record]))).toEqual(one)
      }),
    )
  })

  it('have one row each, which is empty when they are gone', () => {
    const record = recordOf({ kind: 'leftover', account: BOB, quantity: { amount: 1n, scale: 11 } }, true)
    expect(rowOf(record)).toBe(rowOf(record))
    expect(rowOf(record).value()).toBeUndefined()
  })
})
