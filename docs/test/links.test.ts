import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import GithubSlugger from 'github-slugger'
import MarkdownIt from 'markdown-it'
import { expect, it } from 'vitest'
import { targetOf } from '../site/links.js'
import { pages, root } from '../site/pages.js'

const markdown = new MarkdownIt({ html: true })
type Token = ReturnType<typeof markdown.parse>[number]

const tokensOf = (page: string): Token[] => markdown.parse(readFileSync(join(root, page), 'utf8'), {})

/** What a heading shows, without its marks. */
const textOf = (heading: Token): string =>
  (heading.children ?? []).map(({ type, content }) => (type === 'html_inline' ? '' : content)).join('')

const anchors = new Map<string, ReadonlySet<string>>()
function anchorsOf(page: string): ReadonlySet<string> {
  const known = anchors.get(page)
  if (known) return known
  const slugger = new GithubSlugger()
  const tokens = tokensOf(page)
  const found = new Set<string>()
  tokens.forEach(({ type }, index) => {
    const text = tokens[index + 1]
    if (type === 'heading_open' && text) found.add(slugger.slug(textOf(text)))
  })
  anchors.set(page, found)
  return found
}

/** The links and pictures of a page. */
const linksOf = (page: string): string[] =>
  tokensOf(page)
    .flatMap(({ children }) => children ?? [])
    .flatMap(token => token.attrGet('href') ?? token.attrGet('src') ?? [])

function faultOf(href: string, page: string): string | undefined {
  const { path, hash } = href.startsWith('#') ? { path: page, hash: href } : (targetOf(href, page) ?? {})
  if (path === undefined) return undefined
  if (!existsSync(join(root, path))) return `${page}: ${href} is not there`
  const isFolder = statSync(join(root, path)).isDirectory()
  const target = isFolder ? `${path}/README.md` : path
  if (!hash) return undefined
  if (!target.endsWith('.md') || !existsSync(join(root, target))) return `${page}: ${href} is no page`
  return anchorsOf(target).has(decodeURIComponent(hash.slice(1)))
    ? undefined
    : `${page}: ${href} has no such heading`
}

it('every link of the pages and of all READMEs leads somewhere, anchors included', () => {
  const all = ['README.md', ...pages.keys()]
  const links = all.flatMap(page => linksOf(page).map(href => ({ page, href })))
  expect(links.length).toBeGreaterThan(300)
  expect(links.flatMap(({ page, href }) => faultOf(href, page) ?? [])).toEqual([])
})
