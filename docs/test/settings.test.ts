import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@ilp/connector'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pages, root } from '../site/pages.js'
import { blocksOf } from './blocks.js'

const ofDocs = [...pages.keys()].filter(page => page.startsWith('docs/'))
const blocks = ofDocs.flatMap(page =>
  blocksOf(readFileSync(join(root, page), 'utf8')).map((block, index) => ({
    ...block,
    where: `${page}, block ${index + 1}`,
  })),
)

describe('in the pages', () => {
  it('every block of YAML is a configuration that the connector takes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ilp-docs-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'connector.yaml')
    const taken: string[] = []
    for (const { language, text, where } of blocks) {
      if (language !== 'yaml') continue
      await writeFile(file, text)
      await loadConfig(file).catch(cause => {
        throw new Error(`${where} is refused`, { cause })
      })
      taken.push(where)
    }
    expect(taken.length).toBeGreaterThan(3)
  })

  it('every block of JSON is JSON', () => {
    for (const { language, text, where } of blocks) {
      if (language === 'json') expect(() => JSON.parse(text) as unknown, where).not.toThrow()
    }
  })
})
