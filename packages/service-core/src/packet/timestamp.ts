/** Characters of an ILP timestamp: `YYYYMMDDHHmmSSfff`, UTC (RFC 27). */
export const TIMESTAMP_LENGTH = 17

/** The first instant that an ILP timestamp can tell: the beginning of the year 0. */
export const TIMESTAMP_MIN_MS = Date.parse('0000-01-01T00:00:00.000Z')

/** The last instant that an ILP timestamp can tell: the end of the year 9999. */
export const TIMESTAMP_MAX_MS = Date.parse('9999-12-31T23:59:59.999Z')

const DAY_MS = 86_400_000
const ZERO = 0x30

/** The number that `count` digits make, negative when one of them is none. */
function readDigits(bytes: Uint8Array, offset: number, count: number): number {
  let value = 0
  for (let i = offset; i < offset + count; i++) {
    const digit = (bytes[i] as number) - ZERO
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

// Packets of one day share eight digits, so that the calendar is consulted once a day.
let knownDate = -1
let knownDateMs = 0

function startOfDay(date: number): number {
  if (date === knownDate) return knownDateMs
  const month = (Math.floor(date / 100) % 100) - 1
  const day = date % 100
  const start = new Date(0).setUTCFullYear(Math.floor(date / 10_000), month, day)
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
  const date = readDigits(bytes, offset, 8)
  const hour = readDigits(bytes, offset + 8, 2)
  const minute = readDigits(bytes, offset + 10, 2)
  const second = readDigits(bytes, offset + 12, 2)
  const millisecond = readDigits(bytes, offset + 14, 3)
  if (date < 0 || hour < 0 || minute < 0 || second < 0 || millisecond < 0) return Number.NaN
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN
  return startOfDay(date) + (hour * 3_600_000 + minute * 60_000 + second * 1_000 + millisecond)
}

/** Writes the last `count` digits of a whole number of 31 bits. */
function writeDigits(bytes: Uint8Array, offset: number, value: number, count: number): void {
  let rest = value
  for (let i = offset + count - 1; i >= offset; i--) {
    const tenth = (rest / 10) | 0
    bytes[i] = ZERO + rest - tenth * 10
    rest = tenth
  }
}

let writtenDay = Number.NaN
const writtenDate = new Uint8Array(8)

/** Writes a whole number of milliseconds in TIMESTAMP_MIN_MS..TIMESTAMP_MAX_MS as 17 digits. */
export function writeTimestamp(bytes: Uint8Array, offset: number, ms: number): void {
  const day = Math.floor(ms / DAY_MS)
  if (day !== writtenDay) {
    const date = new Date(day * DAY_MS)
    writeDigits(writtenDate, 0, date.getUTCFullYear(), 4)
    writeDigits(writtenDate, 4, date.getUTCMonth() + 1, 2)
    writeDigits(writtenDate, 6, date.getUTCDate(), 2)
    writtenDay = day
  }
  for (let i = 0; i < 8; i++) bytes[offset + i] = writtenDate[i] as number
  const time = (ms - day * DAY_MS) | 0
  const minutes = (time / 60_000) | 0
  const hours = (minutes / 60) | 0
  writeDigits(bytes, offset + 8, hours, 2)
  writeDigits(bytes, offset + 10, minutes - hours * 60, 2)
  writeDigits(bytes, offset + 12, time - minutes * 60_000, 5)
}
