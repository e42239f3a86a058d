import { accountId } from '@ilp/service-core'
import { expect, it } from 'vitest'
import { BATCH_OPERATIONS_MAX, BatchTables, decodeOutcomes, kindNumber } from './encoding.js'
import type { Operation } from './ledger-store.js'

const usd = { code: 'USD', scale: 9 }
const alice = { id: accountId('alice'), asset: usd }
const bob = { id: accountId('bob'), asset: { code: 'EUR', scale: 2 }, maxBalance: 5n }

it('what operations have in common is numbered once', () => {
  const tables = new BatchTables([])
  const strict = { ...alice, minBalance: 0n }
  expect([alice, bob, strict, alice, strict].map(account => tables.view(account))).toEqual([1, 2, 3, 1, 3])
  expect(tables.assets).toEqual([usd, bob.asset])
  expect(tables.accounts).toEqual([
    { id: 'alice', asset: 1 },
    { id: 'bob', asset: 2 },
  ])
  expect(tables.views).toEqual([
    { account: 1, minBalance: undefined, maxBalance: undefined },
    { account: 2, minBalance: undefined, maxBalance: 5n },
    { account: 1, minBalance: 0n, maxBalance: undefined },
  ])
})

it.each([{ id: 1 }, { asset: { code: 'USD' } }, { minBalance: 1.5 }, { maxBalance: '1},{2' }])(
  'what is no account has no number: %o',
  fields => {
    expect(() => new BatchTables([]).view({ ...alice, ...(fields as object) })).toThrow(TypeError)
  },
)

it('kinds are numbered in the order of a payment, and there are no others', () => {
  const of = (kind: string) => kindNumber({ kind } as Operation)
  expect(['reserve', 'commit', 'release'].map(of)).toEqual([0, 1, 2])
  expect(() => of('spend')).toThrow(TypeError)
})

it('a batch is limited', () => {
  expect(() => new BatchTables(Array(BATCH_OPERATIONS_MAX + 1))).toThrow(RangeError)
})

it('outcomes are read letter by letter', () => {
  expect(decodeOutcomes('dmxsln')).toEqual([
    'done',
    'below-minimum',
    'above-maximum',
    'session-ended',
    'late',
    'no-hold',
  ])
})
