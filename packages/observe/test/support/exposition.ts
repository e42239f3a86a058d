const SAMPLE = /^([a-zA-Z_:][\w:]*)(\{.*\})? (-?\d\S*|\+Inf|-Inf|NaN)$/
const LABELS = /^\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\}$/

/**
 * The samples of Prometheus's text format, by their name and labels as they stand there.
 * @throws Error for a line that isn't of the format, a sample of no family, or one that is there twice
 */
export function series(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  const known = families(text)
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? []
    const family = name.replace(/_(bucket|sum|count)$/, '')
    if (!known.has(name) && known.get(family) !== 'histogram') throw new Error(`no family has ${line}`)
    if (labels !== '' && !LABELS.test(labels)) throw new Error(`labels of ${line}`)
    const key = name + labels
    if (samples.has(key)) throw new Error(`${key} is there twice`)
    samples.set(key, Number(value.replace('Inf', 'Infinity')))
  }
  return samples
}

/** The types of the families, by name. */
export function families(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]))
}
