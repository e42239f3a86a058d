import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const PAGE = new URL('../../../docs/comparison.md', import.meta.url)

it('every test that docs/comparison.md names is there', async () => {
  const page = await readFile(PAGE, 'utf8')
  const named = [...page.matchAll(/\[([^\]]+)\]\((\.\.\/[^)]+\.ts)\)/g)]
  expect(named.length).toBeGreaterThan(40)
  const missing: string[] = []
  for (const [, name = '', path = ''] of named) {
    const text = await readFile(new URL(path, PAGE), 'utf8')
    const quoted = [`'${name}'`, `"${name}"`, `\`${name}\``]
    if (!quoted.some(form => text.includes(form))) missing.push(`${name} (${path})`)
  }
  expect(missing).toEqual([])
  const rows = page.split('\n').filter(line => /^\| (Rust|JavaScript|Rafiki|Java) \|/.test(line))
  expect(rows.filter(line => !line.includes('.ts)'))).toEqual([])
})
