import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { chromium } from 'playwright-core'
import { build as buildModule } from 'tsup'
import { build as bundle, type Rollup } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserBuild } from '../browser.config.js'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const CHROMIUMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = CHROMIUMS.find(path => existsSync(path))

const SAID = '123456 received, from a page'

/** The module for browsers, and a page's script that uses it, as vite makes it. */
async function buildPage(dir: string): Promise<{ module: string; script: string }> {
  await buildModule({ ...browserBuild, config: false, outDir: dir })
  const output = (await bundle({
    configFile: false,
    root: PACKAGE,
    logLevel: 'silent',
    resolve: { alias: { '@ilp/stream-connection': join(dir, 'browser.js') } },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(PACKAGE, 'test/browser-program.ts'), formats: ['iife'], name: 'page' },
    },
  })) as Rollup.RollupOutput[]
  const [chunk] = output[0]?.output ?? []
  return { module: readFileSync(join(dir, 'browser.js'), 'utf8'), script: chunk?.code ?? '' }
}

describe('the build for browsers', () => {
  // Below the package, so that the module finds what it imports.
  const dir = mkdtempSync(join(PACKAGE, 'node_modules', '.browser-'))
  let page = { module: '', script: '' }
  beforeAll(async () => {
    page = await buildPage(dir)
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  it('imports nothing of Node, and nothing but its stand-ins’ packages', () => {
    const imported = [...page.module.matchAll(/^(?:import|export)[^'"]*?from\s*["']([^"']+)["']/gm)]
    const names = new Set(
      imported.map(([, name = '']) => name.split('/', name.startsWith('@') ? 2 : 1).join('/')),
    )
    expect([...names].toSorted()).toEqual(['@noble/ciphers', '@noble/hashes', 'buffer'])
    expect(page.module).not.toMatch(/\brequire\(|node:/)
    expect(page.script).not.toMatch(/\bimport\b\s*["'({]|\brequire\(|["']node:/)
  })

  it('runs without any of Node’s globals', async () => {
    const context = createContext({
      ...{ ByteLengthQueuingStrategy, ReadableStream, WritableStream, TextDecoder, TextEncoder },
      ...{ AbortController, crypto, setTimeout, clearTimeout, queueMicrotask },
    })
    const said = (await runInContext(`${page.script}; page.run()`, context)) as unknown
    expect(said).toBe(SAID)
    expect(runInContext('typeof Buffer + typeof process + typeof setImmediate', context)).toBe(
      'undefined'.repeat(3),
    )
  })

  // Where there is no browser, the test above has to do.
  if (executablePath) {
    it('runs in Chromium', async () => {
      const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
      try {
        const tab = await browser.newPage()
        await tab.addScriptTag({ content: page.script })
        expect(await tab.evaluate('page.run()')).toBe(SAID)
      } finally {
        await browser.close()
      }
    })
  }
})
