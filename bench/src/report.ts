import type { Machine } from './machine.js'
import type { Bar, Figures, Measurement } from './measurement.js'
import { isAimReached, isMet, median, type Ratio, ratio } from './statistics.js'

/** A measurement, and what came of it: its figures, or why there are none. */
export interface Result {
  readonly measurement: Pick<Measurement, 'name' | 'what' | 'unit' | 'peer' | 'bar' | 'how'>
  readonly outcome: Figures | Error
}

/** All results as a page of Markdown, which says first where a figure falls short. */
export function report(results: readonly Result[], machine: Machine): string {
  return `# Figures

Written by \`npm run bench\`, which reproduces all of it; \`node bench/dist/run.js NAME…\` measures only some.

${verdict(results)}

| measurement | ours | peer | ratio (min..max) | must reach | |
|---|---|---|---|---|---|
${results.map(row).join('\n')}

Figures are medians over the rounds, the ratio is that of the medians; min..max are those of single rounds, in which both sides were measured one right after the other.

## Machine

${table(machine)}

## How it was measured

${results.map(section).join('\n\n')}
`
}

function verdict(results: readonly Result[]): string {
  const short = results.filter(result => !isReached(result))
  if (short.length === 0) return `All ${results.length} figures reach what they must.`
  return short
    .map(({ measurement: { name, what, bar }, outcome }) =>
      outcome instanceof Error
        ? `**Not measured:** ${what} (\`${name}\`): ${outcome.message.split('\n')[0]}`
        : `**Falls short:** ${what} (\`${name}\`): ${shortfall(bar, outcome)}, must be ${bound(bar)}.`,
    )
    .join('\n\n')
}

const isReached = ({ measurement, outcome }: Result): boolean =>
  !(outcome instanceof Error) && isMet(measurement.bar, outcome)

const shortfall = (bar: Bar, { ours, peer }: Figures): string =>
  'atMostAbove' in bar
    ? `${quantity(median(ours) - median(peer))} above the peer’s`
    : `${times(ratio(ours, peer).median)} of the peer’s`

function row({ measurement: { what, unit, peer, bar }, outcome }: Result): string {
  const cells =
    outcome instanceof Error
      ? ['', peer, '', bound(bar), '**not measured**']
      : [
          quantity(median(outcome.ours)),
          `${quantity(median(outcome.peer))} (${peer})`,
          spread(ratio(outcome.ours, outcome.peer)),
          bound(bar),
          judgement(bar, outcome),
        ]
  return `| ${[`${what}, ${unit}`, ...cells].join(' | ')} |`
}

function judgement(bar: Bar, figures: Figures): string {
  if (!isMet(bar, figures)) return '**not met**'
  if (isAimReached(bar, figures)) return 'met'
  return 'aimOurs' in bar ? 'aim missed' : 'met, aim missed'
}

function section({ measurement: { name, what, how }, outcome }: Result): string {
  const details = outcome instanceof Error ? [`It failed: ${outcome.message}`] : outcome.remarks
  return `**${what}** (\`${name}\`). ${[how, ...details].join(' ')}`
}

const table = (machine: Machine): string =>
  ['| | |', '|---|---|', ...Object.entries(machine).map(([name, value]) => `| ${name} | ${value} |`)].join(
    '\n',
  )

function bound(bar: Bar): string {
  if ('atMost' in bar) return `at most ${bar.atMost}`
  if ('atMostAbove' in bar) return `at most ${bar.atMostAbove} above`
  if ('aimOurs' in bar) return `aim ${quantity(bar.aimOurs)}`
  return 'aim' in bar ? `at least ${bar.atLeast}, aim ${bar.aim}` : `at least ${bar.atLeast}`
}

const spread = ({ median: middle, min, max }: Ratio): string =>
  `${times(middle)} (${times(min)}..${times(max)})`

const times = (value: number): string => (value >= 10 ? value.toFixed(1) : value.toFixed(2))

/** Three digits that count; whole numbers from a thousand on, in groups. */
export function quantity(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
