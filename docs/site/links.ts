/** Links that work in the repository lead to the pages of the site. */
import { existsSync, statSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { apiPages, pages, root } from './pages.js'

const routes = new Map([...pages, ...apiPages])

/** Where files of the repository are in the site that are no pages. */
export const SOURCE = '/source/'

const isExternal = (href: string): boolean => /^[a-z][a-z0-9+.-]*:|^\/\//i.test(href)

/** The path, relative to the root, that a link on a page leads to; undefined for one within the page or away from here. */
export function targetOf(
  href: string,
  page: string,
): { readonly path: string; readonly hash: string } | undefined {
  if (isExternal(href) || href.startsWith('#')) return undefined
  const [path = '', hash] = href.split('#', 2)
  const target = posix.join(posix.dirname(page), decodeURI(path)).replace(/\/$/, '')
  return { path: target, hash: hash === undefined ? '' : `#${hash}` }
}

/** Whatever has been linked to that is no page: it goes into the site as it is. */
export const linkedSources = new Set<string>()

/** Where a link leads in the site; undefined for a folder that has no page. */
function siteLink(href: string, page: string): string | undefined {
  const target = targetOf(href, page)
  if (!target) return href
  const { path, hash } = target
  const route = routes.get(path) ?? routes.get(`${path}/README.md`)
  if (route !== undefined) return `/${route.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}${hash}`
  const file = join(root, path)
  if (!existsSync(file)) return href
  if (statSync(file).isDirectory()) return undefined
  linkedSources.add(path)
  return `${SOURCE}${path}.html${hash}`
}

/** A plugin of markdown-it. */
export function repositoryLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('repository-links', state => {
    const { realPath, path } = state.env as { readonly realPath?: string; readonly path: string }
    const page = relative(root, realPath ?? path).replaceAll('\\', '/')
    for (const token of state.tokens) {
      let tag = 'a'
      for (const inline of token.children ?? []) {
        if (inline.type === 'link_open') {
          const link = siteLink(inline.attrGet('href') ?? '', page)
          tag = link === undefined ? 'span' : 'a'
          if (link === undefined) inline.attrs = null
          else inline.attrSet('href', link)
        }
        if (inline.type === 'link_open' || inline.type === 'link_close') inline.tag = tag
      }
    }
  })
}
