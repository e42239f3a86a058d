/** Numbers in 0..1, the same ones for the same seed (mulberry32). */
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number in 0..below-1. */
export const upTo = (random: Random, below: number): number => Math.floor(random() * below)

export const oneOf = <T>(random: Random, choices: readonly T[]): T =>
  choices[upTo(random, choices.length)] as T

/** So many cases, made before any is used: what comes of a seed doesn't depend on how fast they are. */
export const cases = <Case>(count: number, make: () => Case): Case[] => Array.from({ length: count }, make)

export const randomBytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => upTo(random, 256)))

/** Length prefixes that lie: indefinite, of 2^31, of 2^63, of 2^64-1, with leading zeros, of 127 octets. */
const LIES = [
  '80',
  '8480000000',
  '888000000000000000',
  '88ffffffffffffffff',
  '83000001',
  'ff',
  '81ff',
  '82ffff',
].map(hex => Buffer.from(hex, 'hex'))

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, random) {
    const changed = Buffer.from(bytes)
    for (let flips = 1 + upTo(random, 8); flips > 0 && changed.length > 0; flips--) {
      changed[upTo(random, changed.length)]! ^= 1 << upTo(random, 8)
    }
    return changed
  },
  function remove(bytes, random) {
    const at = upTo(random, bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + upTo(random, 8))])
  },
  function insert(bytes, random) {
    const at = upTo(random, bytes.length + 1)
    return Buffer.concat([
      bytes.subarray(0, at),
      randomBytes(random, 1 + upTo(random, 16)),
      bytes.subarray(at),
    ])
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, upTo(random, bytes.length))
  },
  function repeat(bytes, random) {
    const at = upTo(random, bytes.length)
    const end = at + upTo(random, bytes.length - at)
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
  },
  function lie(bytes, random) {
    const at = upTo(random, bytes.length)
    return Buffer.concat([bytes.subarray(0, at), oneOf(random, LIES), bytes.subarray(at + 1)])
  },
  function cross(bytes, random, others) {
    const other = oneOf(random, others)
    return Buffer.concat([
      bytes.subarray(0, upTo(random, bytes.length)),
      other.subarray(upTo(random, other.length)),
    ])
  },
  function swap(bytes, random) {
    const [a, b, c] = [0, 0, 0].map(() => upTo(random, bytes.length)).sort((x, y) => x - y) as [
      number,
      number,
      number,
    ]
    return Buffer.concat([
      bytes.subarray(0, a),
      bytes.subarray(b, c),
      bytes.subarray(a, b),
      bytes.subarray(c),
    ])
  },
  function grow(bytes, random) {
    const filler = randomBytes(random, 64)
    return Buffer.concat([bytes, ...Array.from({ length: upTo(random, 64) }, () => filler)])
  },
]

/** One of the samples with one to three mutations, or, now and then, nothing but random bytes. */
export function mutant(random: Random, samples: readonly Buffer[]): Buffer {
  if (random() < 0.1) return randomBytes(random, upTo(random, 200))
  let bytes = oneOf(random, samples)
  for (let changes = 1 + upTo(random, 3); changes > 0 && bytes.length > 0; changes--) {
    bytes = oneOf(random, MUTATIONS)(bytes, random, samples)
  }
  return bytes
}
