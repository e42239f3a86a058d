/** Characters of an ILP timestamp: `YYYYMMDDHHmmSSfff`, UTC (RFC 27). */
export const TIMESTAMP_LENGTH = 17

/** The last instant that an ILP timestamp can tell: the end of the year 9999. */
export const TIMESTAMP_MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const DAY_MS = 86_400_000

const digit = (bytes: Uint8Array, offset: number): number => {
  const value = (bytes[offset] as number) - 0x30
  return value >= 0 && value <= 9 ? value : Number.NaN
}
const twoDigits = (bytes: Uint8Array, offset: number): number =>
  digit(bytes, offset) * 10 + digit(bytes, offset + 1)

// Packets of one day share eight digits, so that the calendar is consulted once a day.
let knownDate = Number.NaN
let knownDateMs = 0

function startOfDay(date: number): number {
  if (date === knownDate) return knownDateMs
  const year = Math.floor(date / 10_000)
  const month = (Math.floor(date / 100) % 100) - 1
  const day = date % 100
  const start = new Date(0).setUTCFullYear(year, month, day)
  const check = new Date(start)
  if (check.getUTCMonth() !== month || check.getUTCDate() !== day) return Number.NaN
  knownDate = date
  knownDateMs = start
  return start
}

/**
 * Milliseconds since 1970 of the timestamp at `offset`, NaN for anything but an existing instant: no 24th hour, no
 * leap second, no 30th of February. The caller has checked that 17 bytes are there.
 */
export function readTimestamp(bytes: Uint8Array, offset: number): number {
  const date =
    twoDigits(bytes, offset) * 1_000_000 +
    twoDigits(bytes, offset + 2) * 10_000 +
    twoDigits(bytes, offset + 4) * 100 +
    twoDigits(bytes, offset + 6)
  const hour = twoDigits(bytes, offset + 8)
  const minute = twoDigits(bytes, offset + 10)
  const second = twoDigits(bytes, offset + 12)
  const millisecond = digit(bytes, offset + 14) * 100 + twoDigits(bytes, offset + 15)
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN
  return startOfDay(date) + hour * 3_600_000 + minute * 60_000 + second * 1_000 + millisecond
}

const writeDigits = (bytes: Uint8Array, offset: number, value: number, count: number): void => {
  let rest = value
  for (let i = offset + count - 1; i >= offset; i--) {
    bytes[i] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

let writtenDay = Number.NaN
let writtenDate = 0

/** Writes a whole number of milliseconds in 0..TIMESTAMP_MAX_MS as 17 digits. */
export function writeTimestamp(bytes: Uint8Array, offset: number, ms: number): void {
  const day = Math.floor(ms / DAY_MS)
  if (day !== writtenDay) {
    const date = new Date(day * DAY_MS)
    writtenDate = date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate()
    writtenDay = day
  }
  const time = ms - day * DAY_MS
  writeDigits(bytes, offset, writtenDate, 8)
  writeDigits(bytes, offset + 8, Math.floor(time / 3_600_000), 2)
  writeDigits(bytes, offset + 10, Math.floor(time / 60_000) % 60, 2)
  writeDigits(bytes, offset + 12, Math.floor(time / 1_000) % 60, 2)
  writeDigits(bytes, offset + 14, time % 1_000, 3)
}
