const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** The time of day; the date as well where it is another day than today. */
export function timeText(ms: number): string {
  const time = new Date(ms)
  return time.toDateString() === new Date().toDateString() ? clock.format(time) : dateAndClock.format(time)
}

/** A span, short: `0.8 s`, `3 min`, `2 h`. */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`
  return `${Math.floor(ms / 86_400_000)} days`
}
