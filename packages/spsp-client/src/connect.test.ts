import { describe, expect, it } from 'vitest'
import { AddressRefusedError, guardedLookup } from './connect.js'

/** What a look-up of some host says. */
const lookUp = (addresses: readonly string[] | Error, all: boolean) =>
  new Promise(resolve => {
    const found = addresses instanceof Error ? Promise.reject(addresses) : Promise.resolve(addresses)
    const lookup = guardedLookup(
      () => found,
      address => address !== '127.0.0.1',
    )
    lookup('host.example', { all }, (error, address, family) => resolve(error ?? { address, family }))
  })

describe('a look-up', () => {
  const addresses = ['127.0.0.1', '2606:4700::1', '1.1.1.1']

  it('leaves the addresses that are allowed, in their order', async () => {
    expect(await lookUp(addresses, true)).toEqual({
      address: [
        { address: '2606:4700::1', family: 6 },
        { address: '1.1.1.1', family: 4 },
      ],
      family: undefined,
    })
    expect(await lookUp(addresses, false)).toEqual({ address: '2606:4700::1', family: 6 })
  })

  it.each([true, false])('fails when none is left', async all => {
    expect(await lookUp(['127.0.0.1'], all)).toBeInstanceOf(AddressRefusedError)
    expect(await lookUp([], all)).toBeInstanceOf(AddressRefusedError)
  })

  it('fails as the resolver does', async () => {
    const error = new Error('no such host')
    expect(await lookUp(error, true)).toBe(error)
  })
})
