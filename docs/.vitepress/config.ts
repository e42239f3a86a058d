import GithubSlugger from 'github-slugger'
import { defineConfig } from 'vitepress'
import { makeApi } from '../site/api.js'
import { repositoryLinks } from '../site/links.js'
import { apiPages, pages } from '../site/pages.js'
import { sidebar } from '../site/sidebar.js'
import { servedSources, writeSourcePages } from '../site/source-pages.js'

// biome-ignore lint/style/noDefaultExport: VitePress reads it
export default async () => {
  await makeApi()
  return defineConfig({
    title: 'Interledger',
    description: 'Interledger (ILPv4) in TypeScript: services and stores that chain into a connector',
    lang: 'en',
    // The READMEs of the packages are pages as they are.
    srcDir: '..',
    srcExclude: ['README.md', '**/CHANGELOG.md', 'docs/{test,site}/**'],
    rewrites: Object.fromEntries([...pages, ...apiPages]),
    outDir: './.vitepress/dist',
    cleanUrls: true,
    // The drawings follow the system's colours, and so does the rest.
    appearance: 'force-auto',
    ignoreDeadLinks: [/^\/source\//],
    markdown: {
      anchor: { slugify: text => new GithubSlugger().slug(text) },
      config: repositoryLinks,
    },
    themeConfig: {
      nav: [
        { text: 'Start', link: '/start' },
        { text: 'Run', link: '/production' },
        { text: 'API', link: '/api/' },
      ],
      sidebar,
      outline: [2, 3],
      search: { provider: 'local' },
    },
    vite: {
      plugins: [servedSources],
      publicDir: false,
      build: { assetsInlineLimit: 0 },
      // Pages outside of this folder find Vue here.
      ssr: { external: ['vue', 'vue/server-renderer'] },
    },
    buildEnd: ({ outDir }) => writeSourcePages(outDir),
  })
}
