/**
 * Compares with npm's `btp-packet` on 100,000 seeded frames: what one writes the other reads, and of damaged frames
 * both make the same, but for the disagreements that are listed here with their reasons.
 */
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import {
  type BtpFrame,
  BtpFrameError,
  decodeFrame,
  encodeFrame,
  FrameType,
  type SubProtocol,
} from './index.js'

interface TheirError {
  readonly code: string
  readonly name: string
  readonly triggeredAt: Date
  readonly data: string
}
interface TheirFrame {
  readonly type: number
  readonly requestId: number
  readonly data: { readonly protocolData: SubProtocol[]; readonly amount?: string } & Partial<TheirError>
}
/** Its types need those of a Node that is long gone. */
const theirs = createRequire(import.meta.url)('btp-packet') as {
  readonly serialize: (frame: object) => Buffer
  readonly deserialize: (bytes: Buffer) => TheirFrame
}

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

const { below, octets, pick } = random(23)

const NAMES = ['ilp', 'auth', 'auth_token', 'auth_username', 'channel', 'a', '', 'x'.repeat(200)]

function protocolData(): SubProtocol[] {
  const names = [...NAMES].sort(() => below(2) - 0.5).slice(0, below(4))
  return names.map(protocolName => ({
    protocolName,
    contentType: pick([0, 1, 2, 255]),
    data: octets(pick([0, 1, 40, 127, 128, 300])),
  }))
}

function frame(): BtpFrame {
  const common = { requestId: pick([0, 1, 2 ** 32 - 1, below(2 ** 32)]), protocolData: protocolData() }
  const type = pick([1, 2, 6, 6, 7] as const)
  if (type === FrameType.TRANSFER) {
    return { type, amount: pick([0n, 1n, 2n ** 53n + 1n, 2n ** 64n - 1n]), ...common }
  }
  if (type !== FrameType.ERROR) return { type, ...common }
  const triggeredAt = new Date(Date.UTC(1970 + below(8_000), below(12), 1 + below(28)) + below(86_400_000))
  // A millisecond that needs all of its three digits, which is what npm's package can read.
  triggeredAt.setUTCMilliseconds(1 + below(99) * 10 + below(9))
  const data = Buffer.from(pick(['', 'why', 'ungültig']))
  return {
    type,
    code: pick(['F00', 'T00', '!~ ']),
    name: pick(['NotAcceptedError', '']),
    triggeredAt,
    data,
    ...common,
  }
}

const toTheirs = (frame: BtpFrame): object => {
  const { type, requestId, ...data } = frame
  if (frame.type === FrameType.ERROR) {
    return { type, requestId, data: { ...data, data: Buffer.from(frame.data).toString() } }
  }
  if (frame.type === FrameType.TRANSFER) {
    return { type, requestId, data: { ...data, amount: frame.amount.toString() } }
  }
  return { type, requestId, data }
}

/** What both can be compared by. */
const summary = (
  type: number,
  requestId: number,
  entries: readonly SubProtocol[],
  ...rest: unknown[]
): string =>
  JSON.stringify([
    type,
    requestId,
    entries.map(entry => [entry.protocolName, entry.contentType, Buffer.from(entry.data).toString('hex')]),
    ...rest,
  ])

function decodeOurs(bytes: Buffer): string {
  try {
    const frame = decodeFrame(bytes)
    const rest =
      frame.type === FrameType.ERROR
        ? [frame.code, frame.name, frame.triggeredAt.toJSON(), Buffer.from(frame.data).toString()]
        : frame.type === FrameType.TRANSFER
          ? [frame.amount.toString()]
          : []
    return summary(frame.type, frame.requestId, frame.protocolData, ...rest)
  } catch (error) {
    // Nothing but this comes of bytes.
    if (!(error instanceof BtpFrameError)) throw error
    return `refused: ${error.message}`
  }
}

function decodeTheirs(bytes: Buffer): string {
  try {
    const { type, requestId, data } = theirs.deserialize(bytes)
    const rest =
      type === FrameType.ERROR
        ? [data.code, data.name, data.triggeredAt?.toJSON(), data.data]
        : type === FrameType.TRANSFER
          ? [data.amount]
          : []
    return summary(type, requestId, data.protocolData, ...rest)
  } catch {
    return 'refused'
  }
}

/** A frame whose count of sub-protocols is two octets, the first of them zero, where there is a count at the beginning. */
function withZeroBeforeCount(bytes: Buffer): Buffer {
  const length = bytes[5] as number
  if (length > 120 || bytes[6] !== 1) return bytes
  return Buffer.concat([bytes.subarray(0, 5), Buffer.from([length + 1, 2, 0]), bytes.subarray(7)])
}

function damage(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes)
  const at = below(damaged.length)
  switch (below(6)) {
    case 0:
      damaged[at] = below(256)
      return damaged
    case 1:
      return damaged.subarray(0, at)
    case 2:
      return Buffer.concat([damaged, octets(1 + below(4))])
    case 3:
      return Buffer.concat([damaged.subarray(0, at), octets(1), damaged.subarray(at)])
    case 4:
      return Buffer.concat([damaged.subarray(0, at), damaged.subarray(at + 1)])
    default:
      return withZeroBeforeCount(damaged)
  }
}

/** Why the two may disagree, by what our side says; the other side takes all of these. */
const REASONS: Record<string, RegExp> = {
  'a count with a leading zero is refused (RFC 30, "Variable-length unsigned integer"); npm takes it':
    /integer with a leading zero/,
  'what is not IA5 is refused (RFC 23, "Error" and "Sub-Protocol Data Format"); npm drops the eighth bit':
    /not IA5/,
  'a time that is none is refused (RFC 30, "Variable-length Timestamps"); npm makes an invalid Date of it':
    /GeneralizedTime/,
  'sub-protocols of one name are refused (RFC 23, "Authentication"); npm keeps both': /of one name/,
}

test('each reads what the other writes', { timeout: 30_000 }, () => {
  for (let i = 0; i < 20_000; i++) {
    const original = frame()
    const written = encodeFrame(original)
    const ours = decodeOurs(written)
    const isSame = written.equals(theirs.serialize(toTheirs(original))) && ours === decodeTheirs(written)
    if (!isSame || ours.startsWith('refused')) expect.fail(`${written.toString('hex')} differs: ${ours}`)
  }
})

test('npm makes an invalid Date of a time that RFC 30 wants with fewer digits than three', () => {
  for (const iso of ['2017-12-24T16:14:32.200Z', '2017-12-24T16:14:32.000Z']) {
    const triggeredAt = new Date(iso)
    const common = { requestId: 1, protocolData: [], code: 'F00', name: '', data: Buffer.alloc(0) }
    const written = encodeFrame({ type: FrameType.ERROR, triggeredAt, ...common })
    expect(decodeFrame(written)).toMatchObject({ triggeredAt })
    expect(theirs.deserialize(written).data.triggeredAt?.getTime()).toBeNaN()
    const byNpm = theirs.serialize({ type: 2, requestId: 1, data: { ...common, triggeredAt } })
    expect(decodeFrame(byNpm)).toMatchObject({ triggeredAt })
  }
})

test('of damaged frames both make the same, but for what is listed', { timeout: 30_000 }, () => {
  const seen = new Map<string, number>()
  for (let i = 0; i < 80_000; i++) {
    let bytes = damage(encodeFrame(frame()))
    if (below(4) === 0 && bytes.length > 0) bytes = damage(bytes)
    const ours = decodeOurs(bytes)
    const their = decodeTheirs(bytes)
    if (ours === their || (ours.startsWith('refused') && their === 'refused')) continue
    const reason = Object.keys(REASONS).find(key => REASONS[key]?.test(ours)) ?? `${ours} / ${their}`
    seen.set(reason, (seen.get(reason) ?? 0) + 1)
  }
  expect(new Set(seen.keys())).toEqual(new Set(Object.keys(REASONS)))
})
