import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTimestamp, TIMESTAMP_LENGTH, TIMESTAMP_MAX_MS, writeTimestamp } from '../index.js'

/** Among other bytes, so that reading past the 17 would show. */
const read = (text: string): number => readTimestamp(Buffer.from(`9${text}9`, 'latin1'), 1)

const written = (ms: number): string => {
  const bytes = Buffer.alloc(TIMESTAMP_LENGTH + 2, 'x')
  writeTimestamp(bytes, 1, ms)
  expect([bytes[0], bytes[TIMESTAMP_LENGTH + 1]]).toEqual([0x78, 0x78])
  return bytes.toString('latin1', 1, TIMESTAMP_LENGTH + 1)
}

/** The model: Node's calendar. `+` and six digits is how ISO 8601 writes years in Node outside 0..9999. */
const digits = (ms: number): string => new Date(ms).toISOString().replace(/[-:.TZ]/g, '')

const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z')

describe('a timestamp', () => {
  it.each([
    ['20171224161432279', '2017-12-24T16:14:32.279Z'],
    ['20171224161432270', '2017-12-24T16:14:32.270Z'],
    ['20171224161432200', '2017-12-24T16:14:32.200Z'],
    ['20171224161432000', '2017-12-24T16:14:32.000Z'],
    ['20161231235959852', '2016-12-31T23:59:59.852Z'],
    ['20171225000000000', '2017-12-25T00:00:00.000Z'],
    ['99991224161432279', '9999-12-24T16:14:32.279Z'],
    ['99991231235959999', '9999-12-31T23:59:59.999Z'],
    ['19700101000000000', '1970-01-01T00:00:00.000Z'],
    ['19691231235959999', '1969-12-31T23:59:59.999Z'],
    ['00000101000000000', '0000-01-01T00:00:00.000Z'],
    ['00000229120000001', '0000-02-29T12:00:00.001Z'],
    ['00011231235959999', '0001-12-31T23:59:59.999Z'],
    ['00990101000000000', '0099-01-01T00:00:00.000Z'],
    ['20240229000000000', '2024-02-29T00:00:00.000Z'],
    ['20000229000000000', '2000-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(read(text)).toBe(Date.parse(iso))
    expect(written(Date.parse(iso))).toBe(text)
  })

  it.each([
    ['a 13th month', '20171324161432200'],
    ['a month 0', '20170024161432200'],
    ['a day 0', '20171200161432200'],
    ['a 32nd day', '20171232161432200'],
    ['a 31st of April', '20170431161432200'],
    ['a 30th of February', '20240230000000000'],
    ['a 29th of February in 2023', '20230229000000000'],
    ['a 29th of February in 1900', '19000229000000000'],
    ['a 24th hour', '20171224240000000'],
    ['a 60th minute', '20171224236000000'],
    ['a 60th second, even a leap second', '20161231235960852'],
    ['a sign', '+2017122416143220'],
    ['a minus', '2017122416143-200'],
    ['a letter', '2017122416143220Z'],
    ['a decimal point', '20171224230000.00'],
    ['a space', '2017 224161432200'],
    ['a hexadecimal digit', 'a0171224161432200'],
    ['a digit of another script', `2017122416143220${'\u00b2'}`],
    ['16 digits', '2017122416143227\0'],
    ['no digits at all', 'xxxxxxxxxxxxxxxxx'],
  ])('with %s is none', (_, text) => {
    expect(text).toHaveLength(TIMESTAMP_LENGTH)
    expect(read(text)).toBeNaN()
  })

  it('is refused wherever one of its bytes is no digit', () => {
    const good = Buffer.from('20171224161432279')
    for (let at = 0; at < TIMESTAMP_LENGTH; at++)
      for (const byte of [0x00, 0x2f, 0x3a, 0x7f, 0x80, 0xb0, 0xff]) {
        const bad = Buffer.from(good)
        bad[at] = byte
        expect(readTimestamp(bad, 0), `byte ${byte} at ${at}`).toBeNaN()
      }
  })

  it('is read after a wrong one of the same day, and a wrong one after a right one', () => {
    expect(read('20171224161432279')).toBe(Date.parse('2017-12-24T16:14:32.279Z'))
    expect(read('20171224241432279')).toBeNaN()
    expect(read('20171324161432279')).toBeNaN()
    expect(read('20171224161432279')).toBe(Date.parse('2017-12-24T16:14:32.279Z'))
    expect(read('20171225161432279')).toBe(Date.parse('2017-12-25T16:14:32.279Z'))
  })

  it("is written and read as Node's calendar has it, for every instant of the years 0 to 9999", () => {
    fc.assert(
      fc.property(fc.integer({ min: FIRST_MS, max: TIMESTAMP_MAX_MS }), ms => {
        expect(written(ms)).toBe(digits(ms))
        expect(read(digits(ms))).toBe(ms)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is right on both sides of every midnight of a leap year and a common one', () => {
    for (const year of [2023, 2024, 1900, 2000])
      for (let day = 0; day < 366; day++) {
        const midnight = Date.UTC(year, 0, 1 + day)
        for (const ms of [midnight - 1, midnight]) {
          expect(written(ms)).toBe(digits(ms))
          expect(read(digits(ms))).toBe(ms)
        }
      }
  })

  it('exists exactly where the calendar has its date, whatever the digits', () => {
    const part = (max: number, width: number) =>
      fc.integer({ min: 0, max }).map(value => String(value).padStart(width, '0'))
    fc.assert(
      fc.property(
        part(9999, 4),
        part(15, 2),
        part(33, 2),
        part(26, 2),
        part(62, 2),
        part(62, 2),
        part(999, 3),
        (year, month, day, hour, minute, second, millisecond) => {
          const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`
          const text = iso.replace(/[-:.TZ]/g, '')
          const ms = Date.parse(iso)
          // Node's parser lets the 30th of February be the 1st of March, and 24:00 the next midnight.
          const exists = !Number.isNaN(ms) && digits(ms) === text
          expect(read(text)).toBe(exists ? ms : Number.NaN)
        },
      ),
      { numRuns: 3_000 },
    )
  })
})
