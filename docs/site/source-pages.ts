/** Files of the repository that pages link to, such as tests, as plain pages. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vitepress'
import { linkedSources, SOURCE } from './links.js'
import { root } from './pages.js'

const asText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const pageOf = (path: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${asText(path)}</title>
<style>:root { color-scheme: light dark } body { margin: 2rem; font: 14px/1.5 ui-monospace, monospace }</style>
<h1 style="font-size: 1em">${asText(path)}</h1>
<pre>${asText(readFileSync(join(root, path), 'utf8'))}</pre>
</html>
`

export function writeSourcePages(outDir: string): void {
  for (const path of linkedSources) {
    const file = join(outDir, `${SOURCE}${path}.html`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, pageOf(path))
  }
}

/** The same while the pages are being written. */
export const servedSources: Plugin = {
  name: 'source-pages',
  configureServer: server => {
    server.middlewares.use((request, response, next) => {
      const path = decodeURI(request.url ?? '')
        .slice(SOURCE.length)
        .replace(/\.html$/, '')
      if (!request.url?.startsWith(SOURCE) || !linkedSources.has(path)) return next()
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(pageOf(path))
    })
  },
}
