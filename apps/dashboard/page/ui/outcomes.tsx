import type { Traffic } from '../api/types.js'
import { grouped } from '../format/amount.js'
import { codeMeaning } from '../format/reject-codes.js'
import { Empty } from './states.js'

interface OutcomesProps {
  readonly counts: Pick<Traffic, 'fulfilled' | 'rejected' | 'rejects'>
  readonly empty: string
}

/** How packets ended: fulfilled, or rejected by which code, the most frequent first. */
export function Outcomes({ counts: { fulfilled, rejected, rejects }, empty }: OutcomesProps) {
  const total = fulfilled + rejected
  if (total === 0) return <Empty>{empty}</Empty>
  const codes = Object.entries(rejects)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
  const rows = [
    { name: 'fulfilled', meaning: '', count: fulfilled, kind: 'ok' },
    ...codes.map(([code, count]) => ({
      name: code,
      meaning: codeMeaning(code),
      count,
      kind: code.startsWith('F') ? 'bad' : 'warn',
    })),
  ]
  return (
    <ul class="outcomes">
      {rows.map(({ name, meaning, count, kind }) => (
        <li key={name}>
          <span class="name">
            {name} <span class="muted">{meaning}</span>
          </span>
          <span class="count">{grouped(String(count))}</span>
          <span class="share">{shareText(count / total)}</span>
          <span class="track" aria-hidden="true">
            <span class={kind} style={{ width: `${(count / total) * 100}%` }} />
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Nothing is all of it, or none, unless it is. */
export function shareText(part: number): string {
  const percent = part * 100
  if (percent > 0 && percent < 0.1) return '< 0.1%'
  if (percent > 99.9 && percent < 100) return '> 99.9%'
  return `${percent.toFixed(percent === 0 || percent === 100 ? 0 : 1)}%`
}
