import { describe, expect, it } from 'vitest'
import { readDestination } from './destination.js'

const read = (text: string): string | undefined => {
  const bytes = Buffer.from(`.${text}.`, 'latin1')
  return readDestination(bytes, 1, bytes.length - 1)
}

describe('readDestination', () => {
  it('reads addresses and nothing else', () => {
    expect(read('g.alice')).toBe('g.alice')
    expect(read('g')).toBeUndefined()
    expect(read('')).toBeUndefined()
    expect(read('x')).toBeUndefined()
    expect(read('g.alice.')).toBeUndefined()
    expect(read('g.\u00e9')).toBeUndefined()
  })

  it('never takes one address for another, however alike and however many they are', () => {
    const addresses = Array.from({ length: 3_000 }, (_, i) => `g.${'abc'[i % 3]}${i % 7}.user~${i}.zz`)
    for (let round = 0; round < 2; round++)
      for (const address of addresses) {
        expect(read(address)).toBe(address)
        expect(read(address)).toBe(address)
        expect(read(address.replace('g.', 'h.'))).toBeUndefined()
      }
  })

  it('does not change when the bytes that it was read from do', () => {
    const bytes = Buffer.from('g.alice.first')
    expect(readDestination(bytes, 0, bytes.length)).toBe('g.alice.first')
    bytes.write('other', 2)
    expect(readDestination(bytes, 0, bytes.length)).toBe('g.other.first')
    expect(read('g.alice.first')).toBe('g.alice.first')
  })
})
