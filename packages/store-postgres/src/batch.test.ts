import { accountId } from '@ilp/service-core'
import { BATCH_OPERATIONS_MAX, type Operation } from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { encodeBatch } from './batch.js'

const asset = { code: 'USD', scale: 9 }
const alice = { id: accountId('alice'), asset }
const bob = {
  id: accountId('bob'),
  asset: { code: 'a "b"', scale: 2 },
  minBalance: -5n,
  maxBalance: 2n ** 80n,
}
const operation = (fields: object = {}): Operation => ({
  kind: 'reserve',
  transfer: { from: alice, incomingAmount: 2n ** 64n - 1n, to: bob, amount: 1n, ...fields },
})

describe('a batch', () => {
  it('names what operations have in common once', () => {
    const strict = { ...alice, minBalance: 0n }
    const commit: Operation = { ...operation({ from: strict }), kind: 'commit' }
    const release: Operation = { ...operation(), kind: 'release' }
    expect(encodeBatch([operation(), commit, release])).toEqual([
      ['alice', 'bob'],
      '{1,2}',
      ['USD', 'a "b"'],
      '{9,2}',
      '{1,2,1}',
      '{NULL,-5,0}',
      '{NULL,1208925819614629174706176,NULL}',
      '{0,1,2}',
      '{1,3,1}',
      '{2,2,2}',
      '{18446744073709551615,18446744073709551615,18446744073709551615}',
      '{1,1,1}',
    ])
  })

  it('may be empty', () => {
    expect(encodeBatch([])).toEqual([[], '{}', [], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'])
  })

  it.each([[{ incomingAmount: -1n }], [{ amount: 2n ** 64n }]])(
    'refuses amounts out of range: %o',
    fields => {
      expect(() => encodeBatch([operation(fields)])).toThrow(RangeError)
    },
  )

  it.each([
    [{ amount: 1 }],
    [{ from: { id: 1, asset } }],
    [{ to: { id: 'bob', asset: { code: 'USD' } } }],
    [{ to: { ...alice, minBalance: 1.5 } }],
    [{ to: { ...alice, maxBalance: '1},{2' } }],
  ])('refuses what is no transfer: %o', fields => {
    expect(() => encodeBatch([operation(fields)])).toThrow(TypeError)
  })

  it('refuses an unknown kind, and more operations than it takes', () => {
    expect(() => encodeBatch([{ ...operation(), kind: 'spend' as 'commit' }])).toThrow(TypeError)
    expect(() => encodeBatch(Array(BATCH_OPERATIONS_MAX + 1).fill(operation()))).toThrow(RangeError)
  })
})
