import { UINT64_MAX } from '@ilp/oer'

/** How a connection behaves; the same for both ends. Plain data. */
export interface ConnectionOptions {
  /** How far the rate may fall below the one found at first, in millionths, 0..999,999. */
  readonly slippagePpm?: number
  /** No packet is larger than this, in this end's unit. */
  readonly maxPacketAmount?: bigint
  /** How long a packet may take. */
  readonly packetTimeoutMs?: number
  /** How long the other end may say nothing. */
  readonly idleTimeoutMs?: number
  /** Packets in flight at a time. */
  readonly inFlightMax?: number
  /** Streams that the other end may have open at a time, 1..1,000. */
  readonly peerStreamsMax?: number
  /** What a new stream takes before `setReceiveMax` is called, in this end's unit. */
  readonly receiveMax?: bigint
  /** Bytes that are kept of one stream until they are read, and of one until they have arrived: 16,384..16,777,216. */
  readonly streamBufferBytes?: number
  /** Bytes that are kept of all streams until they are read: 65,536..268,435,456. */
  readonly connectionBufferBytes?: number
}

export type Settings = Required<ConnectionOptions>

export const CONNECTION_DEFAULTS: Settings = {
  slippagePpm: 10_000,
  maxPacketAmount: UINT64_MAX,
  packetTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  inFlightMax: 1_000,
  peerStreamsMax: 10,
  receiveMax: 0n,
  streamBufferBytes: 65_536,
  connectionBufferBytes: 262_144,
}

/** @throws RangeError for an option out of its range */
export function settingsOf(options: ConnectionOptions): Settings {
  const settings = { ...CONNECTION_DEFAULTS, ...options }
  expectWhole('slippagePpm', settings.slippagePpm, 0, 999_999)
  expectWhole('packetTimeoutMs', settings.packetTimeoutMs, 1)
  expectWhole('idleTimeoutMs', settings.idleTimeoutMs, 1)
  expectWhole('inFlightMax', settings.inFlightMax, 1)
  expectWhole('peerStreamsMax', settings.peerStreamsMax, 1, 1_000)
  // The least is what other ends send before they are told a limit.
  expectWhole('streamBufferBytes', settings.streamBufferBytes, 16_384, 2 ** 24)
  expectWhole('connectionBufferBytes', settings.connectionBufferBytes, 65_536, 2 ** 28)
  expectUnits('maxPacketAmount', settings.maxPacketAmount, 1n)
  expectUnits('receiveMax', settings.receiveMax, 0n)
  return settings
}

export function expectWhole(
  name: string,
  value: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${name} is ${value}, not a whole number from ${least} to ${most}`)
}

function expectUnits(name: string, units: bigint, least: bigint): void {
  if (units < least || units > UINT64_MAX)
    throw new RangeError(`${name} is ${units}, not in ${least}..2^64-1`)
}
