import { randomBytes } from 'node:crypto'
import { Prepare } from '@ilp/service-core'
import { deserializeIlpPrepare, serializeIlpPrepare } from 'ilp-packet'
import { versionOf } from './machine.js'
import { alternate, type Measurement } from './measurement.js'
import { perSecond } from './per-second.js'
import { ratio } from './statistics.js'

const PACKETS = 10_000
const DESTINATIONS = 100
const EXPIRES_IN_MS = 30_000
const MARGIN_MS = 1_000

/** What a connector does with a Prepare's bytes: ours. */
export function forward(bytes: Buffer): Buffer {
  const prepare = Prepare.decode(bytes)
  return prepare.with({ units: prepare.units - 1n, expiresAtMs: prepare.expiresAtMs - MARGIN_MS }).toBuffer()
}

/** The same by npm's `ilp-packet`. */
export function forwardByIlpPacket(bytes: Buffer): Buffer {
  const prepare = deserializeIlpPrepare(bytes)
  return serializeIlpPrepare({
    amount: (BigInt(prepare.amount) - 1n).toString(),
    expiresAt: new Date(prepare.expiresAt.getTime() - MARGIN_MS),
    executionCondition: prepare.executionCondition,
    destination: prepare.destination,
    data: prepare.data,
  })
}

/** Packets that all differ, in their amounts, expiries, conditions and data, to as many addresses as said. */
export function prepares(count: number, destinations: number): Buffer[] {
  const addresses = Array.from(
    { length: destinations },
    () => `test.node.shop.${randomBytes(24).toString('base64url')}`,
  )
  return Array.from({ length: count }, (_, i) =>
    Prepare.create({
      units: randomBytes(8).readBigUInt64BE() / 2n + 1n,
      expiresAt: new Date(Date.now() + EXPIRES_IN_MS + i),
      executionCondition: randomBytes(32),
      destination: addresses[i % destinations] ?? '',
      data: randomBytes(60),
    }).toBuffer(),
  )
}

export const forwardMeasurement: Measurement = {
  name: 'forward',
  what: 'forward a Prepare (decode, change amount and expiry, bytes out)',
  unit: 'packets a second',
  peer: `ilp-packet ${versionOf('ilp-packet')}`,
  bar: { atLeast: 10 },
  how: `${PACKETS.toLocaleString('en-US')} different Prepares of 169 bytes to ${DESTINATIONS} destinations, over and over, in one process; both sides give the same bytes out.`,
  run: async ({ rounds, roundMs, warmupMs }) => {
    const sides = async (packets: Buffer[], times: number) => {
      for (const step of [forward, forwardByIlpPacket]) await perSecond(packets, step, warmupMs)
      return alternate(
        times,
        () => perSecond(packets, forward, roundMs / 2),
        () => perSecond(packets, forwardByIlpPacket, roundMs / 2),
      )
    }
    const figures = await sides(prepares(PACKETS, DESTINATIONS), rounds)
    const scattered = await sides(prepares(PACKETS, PACKETS), 1)
    return {
      ...figures,
      remarks: [
        `With a destination of its own for each packet the ratio is ${ratio(scattered.ours, scattered.peer).median.toFixed(1)}.`,
      ],
    }
  },
}
