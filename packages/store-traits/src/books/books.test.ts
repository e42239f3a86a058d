import { type AccountId, accountId } from '@ilp/service-core'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Adjustment } from '../adjustments.js'
import { ENDED_SESSION_KEPT_MS, type LedgerAccount, type Operation } from '../ledger/ledger-store.js'
import { type IncomingSettlement, SETTLEMENT_KEY_KEPT_MS } from '../settlements/settlement-store.js'
import { Books } from './books.js'
import type { BooksRecord, SavedRecord } from './records.js'
import { savedRecord } from './saved-record.js'

const asset = { code: 'USD', scale: 9 }
const ALICE: LedgerAccount = { id: accountId('alice'), asset }
const BOB: LedgerAccount = { id: accountId('bob'), asset }
const EVE: LedgerAccount = { id: accountId('eve'), asset: { code: 'EUR', scale: 2 } }
const ALL = [ALICE, BOB, EVE]
const TERMS = { leaseMs: 1_000, holdMaxMs: 1_000 }

const nameOf = (record: SavedRecord): string => {
  const { kind } = record
  if (kind === 'position') return `${kind} ${record.asset.code} ${record.asset.scale}`
  if (kind === 'session') return `${kind} ${record.session}`
  if (kind === 'hold') return `${kind} ${record.session} ${record.account}`
  return kind === 'key' || kind === 'adjustment' ? `${kind} ${record.key}` : `${kind} ${record.account}`
}

/** Books, and what a durable store would have of them. */
function given() {
  const clock = { ms: 1_800_000_000_000 }
  const saved = new Map<string, SavedRecord>()
  const mark = (record: BooksRecord) => {
    if (record.isGone) saved.delete(nameOf(record))
    else saved.set(nameOf(record), savedRecord(record))
  }
  const nowMs = () => clock.ms
  const books = new Books({ nowMs, mark })
  /** What a restart makes of what was saved, the newest first. */
  const restarted = (markAgain: (record: BooksRecord) => void = mark) => {
    const again = new Books({ nowMs, mark: markAgain })
    again.load([...saved.values()].reverse())
    return again
  }
  const saves = (kind: SavedRecord['kind']) => [...saved.values()].filter(record => record.kind === kind)
  return { clock, books, restarted, saves }
}

/** Everything that can be read. */
const readAll = ({ ledger, settlements, adjustments }: Books) => ({
  balances: ALL.map(({ id }) => ledger.readBalance(id)),
  positions: ledger.readPositions(),
  outbox: settlements.readOutbox(),
  adjustments: ALL.map(({ id }) => adjustments.read(id)),
})

const transfer = { from: ALICE, incomingAmount: 5n, to: BOB, amount: 4n }
const credit = (key: string, account = ALICE, amount = 1_250n): IncomingSettlement => ({
  key,
  account,
  quantity: { amount, scale: 11 },
})
const adjustment = (key: string, amount = 1n): Adjustment => ({
  key,
  account: ALICE,
  amount,
  reason: 'a bank',
})

describe('books', () => {
  type Act = (books: Books) => unknown
  const account = fc.constantFrom(...ALL)
  const amount = fc.bigInt(0n, 2n ** 64n - 1n)
  const key = fc.nat(20).map(number => `key ${number}`)
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({ account, key, amount, scale: fc.integer({ min: 0, max: 255 }) }).map(
      ({ scale, ...of }): Act =>
        ({ settlements }) =>
          settlements.credit({ ...of, quantity: { amount: of.amount, scale } }),
    ),
    fc.record({ account, threshold: amount, settleTo: amount }).map(
      ({ account: of, ...terms }): Act =>
        ({ settlements }) =>
          settlements.settle(of, { threshold: terms.threshold / 2n, settleTo: -terms.settleTo }),
    ),
    fc.constant<Act>(({ settlements }) => settlements.acknowledge(settlements.readOutbox()[0]?.key ?? '')),
    fc.record({ account, key, amount, reason: fc.string() }).map(
      (of): Act =>
        ({ adjustments }) =>
          adjustments.adjust(of),
    ),
  )
  const operations = fc.array(
    fc.record({
      kind: fc.constantFrom('reserve', 'reserve', 'commit', 'release'),
      transfer: fc.record({ from: account, incomingAmount: amount, to: account, amount }),
    }),
  )

  it('are the same when they have been given back what they marked', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(act, operations)), steps => {
        const { books, restarted, clock } = given()
        const sessions = [books.ledger.openSession(TERMS), books.ledger.openSession(TERMS)] as const
        for (const [index, [step, batch]] of steps.entries()) {
          let isMarked = false
          step(books)
          books.ledger.apply(sessions[0], index + 1, batch)
          if (index === 2) books.ledger.endSession(sessions[1])
          clock.ms += 1
          const again = restarted(() => {
            isMarked = true
          })
          expect(readAll(again)).toEqual(readAll(books))
          expect(isMarked).toBe(false)
          const outcomes = books.ledger.apply(sessions[0], index + 1, [])
          expect(again.ledger.apply(sessions[0], index + 1, [])).toEqual(outcomes)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('answer as before when they have been given back what they marked', () => {
    const { books, restarted } = given()
    expect(books.settlements.credit(credit('one'))).toBe(12n)
    books.adjustments.adjust(adjustment('one'))
    const again = restarted(() => {})
    expect(again.settlements.credit(credit('one'))).toBe(12n)
    expect(again.settlements.credit(credit('one', BOB))).toBe('key-reused')
    expect(again.settlements.credit(credit('two', ALICE, 50n))).toBe(1n)
    expect(again.adjustments.adjust(adjustment('one'))).toBe('posted')
    expect(again.adjustments.adjust(adjustment('one', 2n))).toBe('key-reused')
  })

  it('are whole: a hold needs its session and its account, a settlement its account', () => {
    const books = new Books({ nowMs: () => 0 })
    const hold = { kind: 'hold', session: 'none' as never, account: ALICE.id, out: 1n, into: 0n } as const
    expect(() => books.load([hold])).toThrow('no session or no account')
    const sent = {
      kind: 'settlement',
      account: ALICE.id,
      number: 1,
      key: 'k',
      amount: 1n,
      createdAtMs: 0,
    } as const
    expect(() => books.load([sent])).toThrow('no account')
  })

  it('let go of what is over: acknowledged settlements, leftovers, holds, sessions', () => {
    const { books, saves, clock } = given()
    books.settlements.credit(credit('one'))
    expect(saves('leftover')).toHaveLength(1)
    books.settlements.credit(credit('two', ALICE, 50n))
    expect(saves('leftover')).toHaveLength(0)
    books.settlements.credit(credit('three'))
    expect(saves('leftover')).toHaveLength(1)
    const sent = books.settlements.settle(ALICE, { threshold: 1n, settleTo: 0n })
    expect(saves('settlement')).toHaveLength(1)
    books.settlements.acknowledge(sent?.key ?? '')
    expect(saves('settlement')).toHaveLength(0)

    const session = books.ledger.openSession(TERMS)
    books.ledger.apply(session, 1, [{ kind: 'reserve', transfer }])
    expect(saves('hold')).toHaveLength(2)
    books.ledger.endSession(session)
    expect(saves('hold')).toHaveLength(0)
    clock.ms += ENDED_SESSION_KEPT_MS
    const next = books.ledger.openSession(TERMS)
    expect(saves('session')).toMatchObject([{ session: next }])
  })

  it('forget keys that have not been used for a day, some at a time, and none that has been', () => {
    const { books, saves, clock } = given()
    for (let i = 0; i < 250; i++) books.settlements.credit(credit(`${i}`))
    clock.ms += SETTLEMENT_KEY_KEPT_MS
    books.settlements.credit(credit('0'))
    expect(saves('key')).toHaveLength(250)
    clock.ms += 1
    for (const left of [151, 52, 4]) {
      books.settlements.credit(credit(`with ${left} left`))
      expect(saves('key')).toHaveLength(left)
    }
    expect(books.settlements.credit(credit('0'))).toBe(12n)
    expect(books.settlements.credit(credit('0', BOB))).toBe('key-reused')
  })

  it('give out what nobody can change', () => {
    const { books } = given()
    books.settlements.credit(credit('one'))
    const sent = books.settlements.settle(ALICE, { threshold: 1n, settleTo: 0n })
    books.adjustments.adjust(adjustment('one'))
    const [posted] = books.adjustments.read(ALICE.id)
    for (const each of [sent, sent?.account, sent?.account.asset, posted]) {
      expect(each && Object.isFrozen(each)).toBe(true)
    }
  })

  it('reckon with the asset that an account has, whatever is said of it later', () => {
    const { books } = given()
    books.settlements.credit(credit('one'))
    const other = { ...ALICE, asset: { code: 'EUR', scale: 2 } }
    expect(books.settlements.credit(credit('two', other, 1_250n))).toBe(13n)
    expect(books.settlements.settle(other, { threshold: 1n, settleTo: 0n })?.account.asset).toEqual(asset)
  })
})

describe('books take nothing wrong, and change nothing then', () => {
  const reserve: Operation = { kind: 'reserve', transfer }
  const wrong: readonly (readonly [string, (books: Books) => unknown])[] = [
    ['a key of no characters', ({ settlements }) => settlements.credit(credit(''))],
    ['a key of 256 characters', ({ settlements }) => settlements.credit(credit('k'.repeat(256)))],
    [
      'a key of 256 characters, each a pair',
      ({ settlements }) => settlements.credit(credit('💶'.repeat(256))),
    ],
    ['a key with half a character', ({ settlements }) => settlements.credit(credit('\ud83d'))],
    ['a quantity below zero', ({ settlements }) => settlements.credit(credit('k', ALICE, -1n))],
    ['a quantity of 101 digits', ({ settlements }) => settlements.credit(credit('k', ALICE, 10n ** 100n))],
    ['a quantity that is a number', ({ settlements }) => settlements.credit(credit('k', ALICE, 1 as never))],
    ...[-1, 256, 1.5, Number.NaN].map(
      scale =>
        [
          `a quantity of scale ${scale}`,
          ({ settlements }: Books) => settlements.credit({ ...credit('k'), quantity: { amount: 1n, scale } }),
        ] as const,
    ),
    [
      'an account without an asset',
      ({ settlements }) => settlements.credit(credit('k', { id: 'a' } as never)),
    ],
    [
      'an id that is too long',
      ({ settlements }) => settlements.credit(credit('k', { ...ALICE, id: 'a'.repeat(513) as AccountId })),
    ],
    [
      'terms that are numbers',
      ({ settlements }) => settlements.settle(ALICE, { threshold: 1, settleTo: 0 } as never),
    ],
    ['an adjustment without a key', ({ adjustments }) => adjustments.adjust(adjustment(''))],
    ['an adjustment by a number', ({ adjustments }) => adjustments.adjust(adjustment('k', 1 as never))],
    [
      'a reason of 1,001 characters',
      ({ adjustments }) => adjustments.adjust({ ...adjustment('k'), reason: 'r'.repeat(1_001) }),
    ],
    [
      'no reason',
      ({ adjustments }) => adjustments.adjust({ ...adjustment('k'), reason: undefined as never }),
    ],
    [
      'a batch with an operation of another kind',
      ({ ledger }) =>
        ledger.apply(ledger.openSession(TERMS), 1, [reserve, { ...reserve, kind: 'pay' as never }]),
    ],
  ]

  test.each(wrong)('%s', (_, ask) => {
    const { books, saves } = given()
    expect(() => ask(books)).toThrow()
    expect(readAll(books)).toEqual(readAll(given().books))
    expect(saves('key')).toEqual([])
  })

  test('but keys and reasons as long as they may be', () => {
    const { books } = given()
    expect(books.settlements.credit(credit('💶'.repeat(255)))).toBe(12n)
    expect(books.adjustments.adjust({ ...adjustment('💶'.repeat(255)), reason: '💶'.repeat(1_000) })).toBe(
      'posted',
    )
  })
})
