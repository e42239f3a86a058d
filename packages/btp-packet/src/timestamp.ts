// RFC 30, 'Variable-length Timestamps': no fraction, or one of up to three digits that does not end in zero. The
// JavaScript nodes write three digits always, so that those may end in zero here.
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{3}|\d?[1-9]))?Z$/

/**
 * The instant that a GeneralizedTime tells; undefined when it tells none, or not as RFC 30 wants it. A leap second is
 * the first one of the next day, since `Date` has none.
 */
export function parseGeneralizedTime(text: string): Date | undefined {
  const match = GENERALIZED_TIME.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const isLeapSecond = second === 60 && minute === 59 && hour === 23
  if (hour > 23 || minute > 59 || (second > 59 && !isLeapSecond)) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  date.setUTCHours(hour, minute, second, Number((match[7] ?? '').padEnd(3, '0')))
  return date
}

/** @throws RangeError outside the years 0 to 9999 */
export function formatGeneralizedTime(date: Date): string {
  const iso = date.toISOString()
  if (iso.length !== 24) throw new RangeError(`${iso} is not in the years 0 to 9999`)
  const fraction = iso.slice(19, 23).replace(/\.?0+$/, '')
  return `${iso.slice(0, 19).replace(/[-T:]/g, '')}${fraction}Z`
}
