/** Compares with npm's `ilp-packet` on seeded random packets: whole ones and damaged ones of all three types. */
import { UINT64_MAX, Writer } from '@ilp/oer'
import {
  deserializeIlpFulfill,
  deserializeIlpPacket,
  deserializeIlpPrepare,
  deserializeIlpReject,
  serializeIlpFulfill,
  serializeIlpPrepare,
  serializeIlpReject,
} from 'ilp-packet'
import { describe, expect, it } from 'vitest'
import { decodeReply, Fulfill, InvalidPacketError, Prepare, Reject, TIMESTAMP_MAX_MS } from '../index.js'

/** A small seeded generator (mulberry32): the same packets in every run. */
function random(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T
  const noise = Buffer.from(Array.from({ length: 65_536 }, () => below(256)))
  const octets = (length: number): Buffer => {
    const at = below(noise.length - length)
    return Buffer.from(noise.subarray(at, at + length))
  }
  return { below, octets, pick }
}

/** Fields of packets as people and programs might send them. */
function generator(seed: number) {
  const { below, octets, pick } = random(seed)
  const units = (): bigint => {
    const edges = [0n, 1n, 2n ** 53n + 1n, 2n ** 63n, UINT64_MAX]
    return below(4) === 0 ? pick(edges) : octets(8).readBigUInt64BE() >> BigInt(below(64))
  }
  const text = (length: number): string => octets(length).toString('base64url').slice(0, length)
  const address = (): string => {
    const segments = Array.from({ length: 1 + below(5) }, () => text(1 + below(12)))
    return [pick(['g', 'test', 'test1', 'private', 'peer', 'local', 'example', 'self']), ...segments].join(
      '.',
    )
  }
  // From the year 1000 on: ilp-packet writes earlier years with fewer digits.
  const expiresAt = (): Date => {
    const firstMs = Date.UTC(1000, 0, 1)
    return new Date(firstMs + below(TIMESTAMP_MAX_MS - firstMs + 1))
  }
  const data = (): Buffer =>
    octets(below(300) === 0 ? pick([32_766, 32_767]) : pick([0, 1, 40, 127, 128, 300]))
  const message = (): string => pick(['', 'no', 'é'.repeat(70), '😀', text(200)])
  const code = (): string => pick(['F', 'T', 'R', 'X']) + pick(['00', '05', '99', '!~'])
  return { below, octets, pick, units, address, expiresAt, data, message, code }
}

type Json = Record<string, unknown> | 'refused'

const plain = (packet: Prepare | Fulfill | Reject): Json =>
  packet instanceof Prepare
    ? {
        amount: packet.amount,
        expiresAt: packet.expiresAtMs,
        condition: packet.executionCondition,
        destination: packet.destination,
        data: packet.data,
      }
    : packet instanceof Fulfill
      ? { fulfillment: packet.fulfillment, data: packet.data }
      : {
          code: packet.code,
          triggeredBy: packet.triggeredBy,
          message: packet.message,
          data: packet.data,
        }

function ours(bytes: Buffer): Json {
  try {
    return plain(bytes[0] === 12 ? Prepare.decode(bytes) : decodeReply(bytes))
  } catch (error) {
    // Nothing else comes of bytes.
    if (!(error instanceof InvalidPacketError)) throw error
    return 'refused'
  }
}

function theirs(bytes: Buffer): Json {
  try {
    const { data: packet } = deserializeIlpPacket(bytes)
    if (!('executionCondition' in packet)) return { ...packet }
    const { executionCondition, expiresAt, ...rest } = packet
    return { ...rest, condition: executionCondition, expiresAt: expiresAt.getTime() }
  } catch {
    return 'refused'
  }
}

const same = (we: Json, they: Json): boolean =>
  we === 'refused' || they === 'refused'
    ? we === they
    : Object.keys(they).every(key => {
        const [one, other] = [we[key], they[key]]
        return Buffer.isBuffer(one) && Buffer.isBuffer(other) ? one.equals(other) : one === other
      })

/** Where a packet's fields lie, read with no other rule than that they lie there. */
function layout(bytes: Buffer) {
  let offset = 1
  let hasOddPrefix = false
  const take = (length: number): Buffer => {
    offset += length
    return bytes.subarray(offset - length, offset)
  }
  const length = (): number => {
    const first = take(1)[0] as number
    if (first < 0x80) return first
    const digits = take(first & 0x7f)
    hasOddPrefix ||= digits.length > 4 && digits[0] === 0
    return digits.readUIntBE(0, digits.length)
  }
  const [prepare, fulfill, reject] = [12, 13, 14].map(type => bytes[0] === type)
  length()
  const expiry = prepare ? take(25).toString('latin1', 8) : ''
  const code = reject ? take(3) : take(32)
  const address = fulfill ? '' : take(length()).toString('latin1')
  const message = reject ? take(length()) : ''
  const data = take(length())
  return { prepare, reject, hasOddPrefix, expiry, code, address, message, data }
}
type Layout = ReturnType<typeof layout>

const isDate = (digits: string): boolean => {
  const iso = digits.replace(/^(....)(..)(..)(..)(..)(..)(...)$/, '$1-$2-$3T$4:$5:$6.$7Z')
  const ms = Date.parse(iso)
  return !Number.isNaN(ms) && new Date(ms).toISOString() === iso
}
const ASCII = /^[\0-\x7f]*$/

/** Where the two may differ: who takes the bytes then ('both': with different fields), and which bytes those are. */
const DISAGREEMENTS: Record<
  string,
  { readonly takenBy: 'us' | 'them' | 'both'; readonly when: (fields: Layout) => boolean }
> = {
  // Their check for leading zeros shifts by 32 bits and more there, which in JavaScript is a shift by none and more.
  'length in five or six bytes, the first of them zero': {
    takenBy: 'them',
    when: ({ hasOddPrefix }) => hasOddPrefix,
  },
  // RFC 30 has parsers reject what is no date, as month 13. They add up whatever numbers JavaScript sees there.
  'expiry that is no date': {
    takenBy: 'them',
    when: ({ prepare, expiry }) => prepare === true && !isDate(expiry),
  },
  // They clear the high bit of each byte before they look at an address. It may be another one to the next node.
  'destination with a high bit set': {
    takenBy: 'them',
    when: ({ prepare, address }) => prepare === true && !ASCII.test(address),
  },
  // RFC 27's ASN.1 bounds the data at 32,767 octets.
  'data of more than 32,767 octets': {
    takenBy: 'them',
    when: ({ data }) => data.length > 32_767,
  },
  // RFC 27's ASN.1 bounds the message at 8,191 octets.
  'message of more than 8,191 octets': {
    takenBy: 'them',
    when: ({ message }) => message.length > 8_191,
  },
  // They take 0, a falsy number, for no date at all.
  'expiry at the beginning of 1970': {
    takenBy: 'us',
    when: ({ expiry }) => expiry === '19700101000000000',
  },
  // A connector hands rejects back as they are; who made them is for their reader to judge.
  'reject that was triggered by no address': {
    takenBy: 'us',
    when: ({ reject, address }) => reject === true && address !== '',
  },
  // `Date.UTC` adds 1900 to years below 100.
  'expiry in the years 0 to 99': {
    takenBy: 'both',
    when: ({ prepare, expiry }) => prepare === true && expiry.startsWith('00') && isDate(expiry),
  },
  // They clear the high bits; we show the bytes as they are, and pass them on so.
  'code or triggeredBy of a reject with a high bit set': {
    takenBy: 'both',
    when: ({ reject, code, address }) => reject === true && !ASCII.test(code.toString('latin1') + address),
  },
}

/** Which of the disagreements this one is; throws when it is none of them. */
function nameDisagreement(bytes: Buffer, we: Json, they: Json): string {
  const takenBy = we === 'refused' ? 'them' : they === 'refused' ? 'us' : 'both'
  const fields = layout(bytes)
  for (const [name, allowed] of Object.entries(DISAGREEMENTS))
    if (allowed.takenBy === takenBy && allowed.when(fields)) return name
  throw new Error(`${bytes.toString('hex')}: taken by ${takenBy}, ours ${show(we)}, theirs ${show(they)}`)
}

const show = (packet: Json): string =>
  JSON.stringify(packet, (_, value) =>
    value?.type === 'Buffer' ? Buffer.from(value).toString('hex') : value,
  )

describe('ilp-packet', () => {
  it('reads what we write, writes the same, and reads what we change', () => {
    const { octets, units, address, expiresAt, data, message, code, below } = generator(1)
    for (let i = 0; i < 10_000; i++) {
      const fields = { expiresAt: expiresAt(), executionCondition: octets(32), destination: address() }
      const prepare = Prepare.create({ ...fields, units: units(), data: data() })
      expect(prepare.toBuffer().equals(serializeIlpPrepare(prepare))).toBe(true)
      const changed = prepare.with({ units: units(), expiresAtMs: expiresAt().getTime() })
      const { amount, expiresAt: expiry, ...rest } = deserializeIlpPrepare(changed.toBuffer())
      expect(amount).toBe(changed.units.toString())
      expect(expiry.getTime()).toBe(changed.expiresAtMs)
      expect(rest.destination).toBe(fields.destination)
      expect(rest.executionCondition.equals(fields.executionCondition)).toBe(true)
      expect(rest.data.equals(prepare.data)).toBe(true)

      const fulfill = Fulfill.create({ fulfillment: octets(32), data: data() })
      expect(fulfill.toBuffer().equals(serializeIlpFulfill(fulfill))).toBe(true)
      expect(deserializeIlpFulfill(fulfill.toBuffer()).fulfillment.equals(fulfill.fulfillment)).toBe(true)

      const triggeredBy = below(5) === 0 ? '' : address()
      const reject = Reject.create({ code: code(), triggeredBy, message: message(), data: data() })
      expect(reject.toBuffer().equals(serializeIlpReject(reject))).toBe(true)
      expect(deserializeIlpReject(reject.toBuffer())).toMatchObject({ triggeredBy, message: reject.message })
    }
  })

  it('takes and refuses whole and damaged packets as we do, but for the disagreements listed here', () => {
    const { below, octets, pick, units, address, expiresAt, data, message, code } = generator(2)
    const seen = new Map(Object.keys(DISAGREEMENTS).map(name => [name, 0]))
    let taken = 0

    const ODD_EXPIRIES = [
      ...['19700101000000000', '00000229000000000', '00991231235959999', '00010203040506007'],
      ...['20171324161432279', '20171224240000000', '20161231235960852', '20240230000000000'],
      ...[
        '2017122416143227 ',
        '+017122416143227',
        '2017122416143-279',
        '20171224161432.79',
        '9999123124595999x',
      ],
    ]
    const odd = <T>(usual: () => T, other: () => T): T => (below(12) === 0 ? other() : usual())
    const tooLong = (max: number): Buffer => octets(max + pick([0, 1, 100]))
    /** A length prefix: the canonical one, or one of another size with leading zeros. */
    const prefixed = (contents: Buffer): Buffer => {
      if (below(40) > 0) return new Writer().writeVarOctets(contents).toBuffer()
      const size = 1 + below(6)
      const digits = Buffer.alloc(6)
      digits.writeUIntBE(contents.length, 0, 6)
      return Buffer.concat([Buffer.of(0x80 + size), digits.subarray(6 - size), contents])
    }
    const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')
    const digits = (date: Date): string => date.toISOString().replace(/[-:.TZ]/g, '')
    const trailing = (): Buffer =>
      octets(
        odd(
          () => 0,
          () => 1 + below(9),
        ),
      )
    const dataField = (): Buffer =>
      prefixed(
        below(1_000) === 0
          ? tooLong(32_767)
          : data().subarray(
              0,
              odd(
                () => 40,
                () => 40_000,
              ),
            ),
      )
    const addressField = (): Buffer =>
      prefixed(
        odd(
          () => ascii(address()),
          () => ascii(pick(['', 'g', 'G.a', 'g.a.', 'g..a', 'nobody'])),
        ),
      )
    const contents: Record<number, () => Buffer[]> = {
      12: () => [
        new Writer(8).writeUInt64(units()).toBuffer(),
        ascii(
          odd(
            () => digits(expiresAt()),
            () => pick(ODD_EXPIRIES),
          ),
        ),
        octets(32),
        addressField(),
      ],
      13: () => [octets(32)],
      14: () => [
        ascii(odd(code, () => pick(['F\u00b0\u00b0', '\0\0\0', 'F0\u0080']))),
        addressField(),
        prefixed(
          below(300) === 0
            ? tooLong(8_191)
            : odd(
                () => Buffer.from(message()),
                () => octets(9),
              ),
        ),
      ],
    }
    const whole = (): Buffer => {
      const type = pick([12, 12, 12, 13, 14])
      const fields = Buffer.concat([...(contents[type] as () => Buffer[])(), dataField(), trailing()])
      return Buffer.concat([Buffer.of(type), prefixed(fields), trailing()])
    }
    /** Bytes changed, put in, taken out or cut off, most of them before the data. */
    const damaged = (bytes: Buffer): Buffer => {
      const at = below(Math.min(bytes.length, 120))
      const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
      const kind = below(8)
      if (kind === 0) return before
      if (kind === 1) return Buffer.concat([before, after.subarray(1 + below(3))])
      if (kind === 2) return Buffer.concat([before, octets(1 + below(3)), after])
      const changed = Buffer.from(bytes)
      for (let i = below(3); i >= 0; i--) {
        const where = below(Math.min(bytes.length, 120))
        changed[where] = kind === 3 ? below(256) : (changed[where] as number) ^ (1 << below(8))
      }
      return changed
    }

    for (let i = 0; i < 100_000; i++) {
      const bytes = i % 2 === 0 ? whole() : damaged(whole())
      const we = ours(bytes)
      const they = theirs(bytes)
      if (we !== 'refused') taken += 1
      if (same(we, they)) continue
      const name = nameDisagreement(bytes, we, they)
      seen.set(name, (seen.get(name) as number) + 1)
    }
    expect(taken).toBeGreaterThan(50_000)
    for (const [name, count] of seen) expect(count, `${name} came up`).toBeGreaterThan(0)
  })
})
