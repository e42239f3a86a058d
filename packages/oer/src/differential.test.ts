/** Compares with npm's `oer-utils` on seeded random input: what one writes the other reads, and both read anything alike. */
import { Reader as TheirReader, Writer as TheirWriter } from 'oer-utils'
import { describe, expect, it } from 'vitest'
import { lengthPrefixSize, OerError, Reader, Writer } from './index.js'

/** A small seeded generator (mulberry32): the same inputs in every run. */
function random(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  const octets = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)))
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T
  return { below, octets, pick }
}

const KINDS = ['uint8', 'uint16', 'uint32', 'uint64', 'octets', 'integer'] as const
type Kind = (typeof KINDS)[number]

/** What a reader made of the bytes, with where it stood then. */
type Result = { readonly value: string; readonly rest: number } | 'refused'

function ours(kind: Kind, bytes: Buffer): Result {
  const reader = new Reader(bytes)
  const read = (): string => {
    if (kind === 'octets') return reader.readVarOctets().toString('hex')
    if (kind === 'integer') return String(reader.readVarUInt())
    if (kind === 'uint8') return String(reader.readUInt8())
    if (kind === 'uint16') return String(reader.readUInt16())
    if (kind === 'uint32') return String(reader.readUInt32())
    return String(reader.readUInt64())
  }
  try {
    return { value: read(), rest: reader.remaining }
  } catch (error) {
    // Nothing but an OerError comes of bytes.
    if (!(error instanceof OerError)) throw error
    return 'refused'
  }
}

function theirs(kind: Kind, bytes: Buffer): Result {
  const reader = TheirReader.from(bytes)
  const read = (): string => {
    if (kind === 'octets') return reader.readVarOctetString().toString('hex')
    if (kind === 'integer') return reader.readVarUInt()
    if (kind === 'uint8') return reader.readUInt8()
    if (kind === 'uint16') return reader.readUInt16()
    if (kind === 'uint32') return reader.readUInt32()
    return reader.readUInt64()
  }
  try {
    return { value: read(), rest: bytes.length - reader.cursor }
  } catch {
    return 'refused'
  }
}

/** Where the two may differ, which of them takes the bytes then, and which bytes those are. */
const DISAGREEMENTS: Record<
  string,
  { takenBy: 'us' | 'them'; when: (kind: Kind, bytes: Buffer) => boolean }
> = {
  // Their check for leading zeros shifts by 32 bits and more there, which in JavaScript is a shift by none and more.
  'length in five or six bytes, the first of them zero': {
    takenBy: 'them',
    when: (kind, bytes) =>
      (kind === 'octets' || kind === 'integer') && (bytes[0] === 0x85 || bytes[0] === 0x86) && bytes[1] === 0,
  },
  // RFC 30: "Leading zeros MUST NOT be used."
  'integer with a leading zero': {
    takenBy: 'them',
    when: (kind, bytes) => kind === 'integer' && bytes[lengthPrefixSize(bytes, 0)] === 0,
  },
  // They hold integers in 64 bits. A VarUInt has no limit, and STREAM (RFC 29) clamps what is above.
  'integer above 2^64-1': {
    takenBy: 'us',
    when: (kind, bytes) => kind === 'integer' && (bytes[0] as number) > 8,
  },
}

/** Which of the disagreements this one is; throws when it is none of them. */
function nameDisagreement(kind: Kind, bytes: Buffer, we: Result, they: Result): string {
  const takenBy = we === 'refused' ? 'them' : they === 'refused' ? 'us' : undefined
  for (const [name, allowed] of Object.entries(DISAGREEMENTS))
    if (allowed.takenBy === takenBy && allowed.when(kind, bytes)) return name
  throw new Error(
    `${kind} ${bytes.toString('hex')}: ours ${JSON.stringify(we)}, theirs ${JSON.stringify(they)}`,
  )
}

const same = (we: Result, they: Result): boolean =>
  we === 'refused' || they === 'refused' ? we === they : we.value === they.value && we.rest === they.rest

describe('oer-utils', () => {
  it('reads what we write, and writes the same', () => {
    const { below, octets, pick } = random(1)
    for (let i = 0; i < 20_000; i++) {
      const bits = 2n ** BigInt(below(65))
      const integer = (octets(8).readBigUInt64BE() % bits).toString()
      const text = octets(pick([0, 1, 126, 127, 128, 255, 256, 300, below(2_000)]))
      const we = new Writer(below(16)).writeVarUInt(BigInt(integer)).writeVarOctets(text)
      we.writeUInt64(BigInt(integer)).writeUInt32(below(2 ** 32))
      const they = new TheirWriter()
      they.writeVarUInt(integer)
      they.writeVarOctetString(text)
      they.writeUInt64(integer)
      they.write(we.toBuffer().subarray(-4))
      expect(we.toBuffer().equals(they.getBuffer())).toBe(true)

      const reader = TheirReader.from(we.toBuffer())
      expect(reader.readVarUInt()).toBe(integer)
      expect(reader.readVarOctetString().equals(text)).toBe(true)
      expect(reader.readUInt64()).toBe(integer)
    }
  })

  it('reads random and damaged bytes as we do, but for the disagreements listed here', () => {
    const { below, octets, pick } = random(2)
    const seen = new Map(Object.keys(DISAGREEMENTS).map(name => [name, 0]))
    let taken = 0

    const generated = (): Buffer => {
      const length = pick([0, 1, 2, 7, 8, 9, 126, 127, 128, 129, 255, 256, 257])
      return new Writer(8)
        .writeVarOctets(octets(length))
        .writeOctets(octets(below(4)))
        .toBuffer()
    }
    /** Prefixes of every size, canonical or not, before enough or too few bytes. */
    const prefixed = (): Buffer => {
      const size = below(9)
      const prefix = octets(size)
      for (let i = 0; i < size - 1; i++) if (below(4) > 0) prefix[i] = 0
      return Buffer.concat([Buffer.of(0x80 + size), prefix, octets(pick([0, 1, 127, 128, 130, 300]))])
    }
    const damaged = (bytes: Buffer): Buffer => {
      const copy = Buffer.from(bytes)
      for (let i = below(3); i >= 0 && copy.length > 0; i--)
        copy[below(Math.min(copy.length, 6))] = below(256)
      return below(3) === 0 ? copy.subarray(0, below(copy.length + 1)) : copy
    }
    const inputs = [generated, () => damaged(generated()), prefixed, () => octets(below(12))]

    for (let i = 0; i < 100_000; i++) {
      const bytes = (inputs[i % inputs.length] as () => Buffer)()
      const kind = pick(KINDS)
      const we = ours(kind, bytes)
      const they = theirs(kind, bytes)
      if (we !== 'refused') taken += 1
      if (same(we, they)) continue
      const name = nameDisagreement(kind, bytes, we, they)
      seen.set(name, (seen.get(name) as number) + 1)
    }
    expect(taken).toBeGreaterThan(30_000)
    for (const [name, count] of seen) expect(count, `${name} came up`).toBeGreaterThan(0)
  })
})
