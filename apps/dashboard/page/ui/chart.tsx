interface Series {
  readonly name: string
  /** Names its colour. */
  readonly kind: 'first' | 'second'
  /** One for each time; undefined where there is nothing to show. */
  readonly values: readonly (number | undefined)[]
}

interface ChartProps {
  readonly label: string
  readonly series: readonly Series[]
  /** When the values are of, the newest last. */
  readonly timesMs: readonly number[]
  /** What the right end is, and how far it is to the left one. */
  readonly nowMs: number
  readonly spanMs: number
  readonly text: (value: number) => string
  /** How high the chart is at the least. */
  readonly least: number
}

const [WIDTH, HEIGHT] = [600, 150]

/** Lines over time, now at the right; each with its name, and its value if there is one of now. */
export function Chart({ label, series, timesMs, nowMs, spanMs, text, least }: ChartProps) {
  const top = roundedUp(Math.max(least, ...series.flatMap(({ values }) => values.map(value => value ?? 0))))
  const across = timesMs.map(atMs => WIDTH * (1 - (nowMs - atMs) / spanMs))
  const last = series.map(({ name, kind, values }) => {
    const value = timesMs.at(-1) === nowMs ? values.at(-1) : undefined
    return { name, kind, shown: value === undefined ? '–' : text(value) }
  })
  const said = last.map(({ name, shown }) => `${name} ${shown}`).join(', ')
  return (
    <figure class="chart">
      <figcaption>
        {last.map(({ name, kind, shown }) => (
          <span key={name} class={`key ${kind}`}>
            {name} <b>{shown}</b>
          </span>
        ))}
      </figcaption>
      <div class="plot">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${label} over the last two minutes. Now: ${said}.`}
        >
          <path class="grid" d={`M0 ${HEIGHT / 2}H${WIDTH}`} />
          <path class="base" d={`M0 ${HEIGHT}H${WIDTH}`} />
          {series.toReversed().map(({ name, kind, values }) => (
            <path key={name} class={`line ${kind}`} d={line(across, values, top)} />
          ))}
        </svg>
        <span class="scale top">{text(top)}</span>
        <span class="scale middle">{text(top / 2)}</span>
      </div>
      <div class="times">
        <span>2 min ago</span>
        <span>now</span>
      </div>
    </figure>
  )
}

/** Breaks where there is nothing to show. */
function line(across: readonly number[], values: Series['values'], top: number): string {
  let path = ''
  let isDown = false
  for (const [index, value] of values.entries()) {
    if (value !== undefined) {
      const y = HEIGHT * (1 - value / top)
      path += `${isDown ? 'L' : 'M'}${across[index]?.toFixed(1)} ${y.toFixed(1)}`
    }
    isDown = value !== undefined
  }
  return path
}

/** To plain digits, so that the scale is easily read, and stays the same for a while. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 2, 3, 4, 6, 8, 10].find(step => step * power >= value) ?? 10) * power
}
