import { type AccountId, accountId } from '@ilp/service-core'
import type { Outcome, SessionId } from '@ilp/store-traits'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BalanceRecord, HoldRecord, PositionRecord, SessionRecord } from './records.js'

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')
const bytes = (record: { value: () => Uint8Array | undefined }) => Buffer.from(record.value() ?? [])
const USD = { code: 'USD', scale: 9 }
const SESSION = 'AAAAAAAAAAAAAAAAAAAAAA' as SessionId

const session = (outcomes: readonly Outcome[]) => {
  const record = new SessionRecord(SESSION, { leaseMs: 5_000, holdMaxMs: 35_000 }, 1_800_000_000_000)
  record.seq = 7
  record.outcomes = outcomes
  return record
}

describe('records', () => {
  it('are written as they always were', () => {
    const position = new PositionRecord(USD)
    position.balance = -3n
    expect([position.key.toString(), hex(position.value())]).toEqual(['p9 USD', '0105'])
    const balance = new BalanceRecord(accountId('bob'), position)
    balance.balance = 2n ** 64n
    expect([balance.key.toString(), hex(balance.value())]).toEqual([
      'bbob',
      `09020000000000000000${'053920555344'}`,
    ])
    const hold = new HoldRecord(SESSION, balance)
    hold.out = 255n
    expect([hold.key.toString(), hex(hold.value())]).toEqual([`h${SESSION}bob`, '01ff0100'])
    const record = session(['done', 'done', 'late', 'no-hold', 'done'])
    expect([record.key.toString(), hex(record.value())]).toEqual([
      `s${SESSION}`,
      `021388${'0288b8'}${'0601a3185c5000'}${'0100'}${'0107'}${'000102'}${'040101'}${'050101'}${'000101'}`,
    ])
  })

  it('keep balances of any size', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 200n), 2n ** 200n), value => {
        const position = new PositionRecord({ code: 'a b', scale: 255 })
        position.balance = value
        const name = position.key.toString('utf8', 1)
        expect(PositionRecord.read(name, bytes(position))).toMatchObject({
          asset: { code: 'a b', scale: 255 },
          balance: value,
          isPosted: true,
        })
        const balance = new BalanceRecord('bob' as AccountId, position)
        balance.balance = value
        const read = BalanceRecord.read('bob', bytes(balance), found => {
          expect(found).toBe(name)
          return position
        })
        expect(read).toMatchObject({ id: 'bob', balance: value, position })
      }),
    )
  })

  it('keep the outcomes of a batch, whatever they are', () => {
    const outcome = fc.constantFrom<Outcome>(
      'done',
      'below-minimum',
      'above-maximum',
      'session-ended',
      'late',
      'no-hold',
    )
    fc.assert(
      fc.property(fc.array(outcome), fc.option(fc.nat()), (outcomes, endedMs) => {
        const record = session(outcomes)
        record.endedMs = endedMs ?? undefined
        expect(SessionRecord.read(SESSION, bytes(record))).toEqual(record)
      }),
    )
  })
})
