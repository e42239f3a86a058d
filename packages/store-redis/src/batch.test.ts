import { accountId } from '@ilp/service-core'
import { BATCH_OPERATIONS_MAX, type Operation } from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { assetName, assetNamed, encodeBatch } from './batch.js'

const alice = { id: accountId('alice'), asset: { code: 'USD', scale: 9 } }
const operation = (fields: object = {}): Operation => ({
  kind: 'reserve',
  transfer: { from: alice, incomingAmount: 1n, to: alice, amount: 1n, ...fields },
})

describe('a batch', () => {
  it('names what operations have in common once', () => {
    const one = encodeBatch([operation()]).length
    expect(encodeBatch([operation(), operation()]).length - one).toBe(7)
  })

  it.each([[{ incomingAmount: -1n }], [{ amount: 2n ** 64n }]])(
    'refuses amounts out of range: %o',
    fields => {
      expect(() => encodeBatch([operation(fields)])).toThrow(RangeError)
    },
  )

  it.each([
    [{ amount: 1 }],
    [{ from: { id: 1, asset: alice.asset } }],
    [{ to: { id: 'bob', asset: { code: 'USD' } } }],
  ])('refuses what is no transfer: %o', fields => {
    expect(() => encodeBatch([operation(fields)])).toThrow(TypeError)
  })

  it('refuses an unknown kind, and more operations than it takes', () => {
    expect(() => encodeBatch([{ ...operation(), kind: 'spend' as 'commit' }])).toThrow(TypeError)
    expect(() => encodeBatch(Array(BATCH_OPERATIONS_MAX + 1).fill(operation()))).toThrow(RangeError)
  })
})

it.each(['USD', '', 'a b', '9 USD'])('an asset of the code %j is known by its name', code => {
  expect(assetNamed(assetName({ code, scale: 12 }))).toEqual({ code, scale: 12 })
})
