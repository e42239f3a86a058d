/** The site is built, and every link in it tried: also those of the API reference, which no page in the repository has. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiPages, apiRouteOf, pages, published, root, routeOf } from '../site/pages.js'

/** Half a minute on a machine that does nothing else. */
const BUILD_MS_MAX = 600_000

let out: string
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'ilp-site-'))
  const vitepress = join(root, 'docs/node_modules/vitepress/bin/vitepress.js')
  await promisify(execFile)(process.execPath, [vitepress, 'build', 'docs', '--outDir', out], { cwd: root })
}, BUILD_MS_MAX)
afterAll(() => rmSync(out, { recursive: true }))

const files = (): string[] => readdirSync(out, { recursive: true, encoding: 'utf8' })
const html = (): string[] => files().filter(name => name.endsWith('.html') && name !== '404.html')
const read = (name: string): string => readFileSync(join(out, name), 'utf8')

/** The file that a path of the site is, as a web server finds it. */
function fileOf(path: string): string | undefined {
  const name = decodeURI(path).replace(/^\//, '')
  const candidates = [name, `${name}.html`, posix.join(name, 'index.html')]
  return candidates.find(candidate => /\.\w+$/.test(candidate) && existsSync(join(out, candidate)))
}

const attributes = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  )

const isExternal = (url: string): boolean => /^([a-z]+:|\/\/)/i.test(url)

describe('the site', () => {
  it('has every page: of the documentation, of each package, of each API', () => {
    const routes = [...pages.values(), ...apiPages.values()]
    expect(routes.filter(route => !existsSync(join(out, route.replace(/md$/, 'html'))))).toEqual([])
    const start = read('start.html')
    const linked = new Set(attributes(start, 'href'))
    for (const one of published) {
      expect(linked).toContain(`/${routeOf(one)}`)
      expect(linked).toContain(`/${apiRouteOf(one)}`)
    }
  })

  it('has no dead link, and no dead anchor', () => {
    const ids = new Map<string, ReadonlySet<string>>()
    const idsOf = (name: string) => {
      const known = ids.get(name) ?? new Set(attributes(read(name), 'id'))
      ids.set(name, known)
      return known
    }
    const dead = new Set<string>()
    for (const name of html()) {
      const text = read(name)
      for (const url of [...attributes(text, 'href'), ...attributes(text, 'src')]) {
        if (isExternal(url) || url === '') continue
        const [path = '', hash] = url.split('#', 2)
        const target = path === '' ? name : fileOf(posix.resolve(`/${posix.dirname(name)}`, path))
        if (target === undefined) dead.add(`${name}: ${url}`)
        else if (hash && !idsOf(target).has(decodeURIComponent(hash))) dead.add(`${name}: ${url}`)
      }
    }
    expect([...dead]).toEqual([])
  })

  it('asks nobody else for anything', () => {
    const asked: string[] = []
    for (const name of html()) {
      const text = read(name)
      const loaded = [
        ...attributes(text, 'src'),
        ...[...text.matchAll(/<link [^>]*href="([^"]*)"/g)].map(([, url = '']) => url),
      ]
      asked.push(...loaded.filter(isExternal).map(url => `${name}: ${url}`))
    }
    for (const name of files().filter(file => file.endsWith('.css'))) {
      asked.push(
        ...[...read(name).matchAll(/(?:url\(|@import)["' ]*(https?:[^"')]*)/g)].map(([, url = '']) => url),
      )
    }
    expect(asked).toEqual([])
  })
})
