import { expect, test } from 'vitest'
import { formatGeneralizedTime, parseGeneralizedTime } from './timestamp.js'

// The examples of RFC 30, 'Variable-length Timestamps'.
test.each([
  ['20171224161432.279Z', '2017-12-24T16:14:32.279Z'],
  ['20171224161432.27Z', '2017-12-24T16:14:32.270Z'],
  ['20171224161432.2Z', '2017-12-24T16:14:32.200Z'],
  ['20171224161432Z', '2017-12-24T16:14:32.000Z'],
  ['20171225000000Z', '2017-12-25T00:00:00.000Z'],
  ['99991224161432.279Z', '9999-12-24T16:14:32.279Z'],
  ['00000101000000.001Z', '0000-01-01T00:00:00.001Z'],
])('%s is %s, and the other way round', (text, iso) => {
  expect(parseGeneralizedTime(text)?.toISOString()).toBe(iso)
  expect(formatGeneralizedTime(new Date(iso))).toBe(text)
})

test('a leap second is the first second of the next day', () => {
  expect(parseGeneralizedTime('20161231235960.852Z')?.toISOString()).toBe('2017-01-01T00:00:00.852Z')
})

test('three digits may end in zero, as the JavaScript nodes write them', () => {
  expect(parseGeneralizedTime('20171224161432.000Z')?.toISOString()).toBe('2017-12-24T16:14:32.000Z')
  expect(parseGeneralizedTime('20171224161432.270Z')?.toISOString()).toBe('2017-12-24T16:14:32.270Z')
})

test.each([
  ['20171224235312.431+0200', 'not UTC'],
  ['20171224215312.4318Z', 'too much precision'],
  ['20171224161432,279Z', 'wrong decimal element'],
  ['20171324161432.279Z', 'month out of range'],
  ['20170229161432Z', 'day out of range'],
  ['20171224230000.20Z', 'spurious trailing zero'],
  ['20171224230000.0Z', 'spurious zero'],
  ['20171224230000.Z', 'spurious decimal point'],
  ['20171224240000Z', 'wrong representation of midnight'],
  ['20171224236000Z', 'minute out of range'],
  ['20171224120060Z', 'leap second at noon'],
  ['20171224235961Z', 'second out of range'],
  ['2017122421531Z', 'missing digit in seconds'],
  ['201712242153Z', 'missing seconds'],
  ['2017122421Z', 'missing seconds and minutes'],
  ['20171224161432', 'no Z'],
  ['', 'nothing'],
])('%s is refused: %s', text => {
  expect(parseGeneralizedTime(text)).toBeUndefined()
})
