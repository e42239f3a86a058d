import type { DefaultTheme } from 'vitepress'
import { apiRouteOf, LAYERS, type Layer, type Package, packages, pages, published, routeOf } from './pages.js'

type Item = DefaultTheme.SidebarItem

const page = (text: string, link: string): Item => ({ text, link: `/${link}` })

const byLayer = (of: readonly Package[], item: (one: Package) => Item): Item[] =>
  (Object.keys(LAYERS) as Layer[])
    .map(layer => ({
      text: LAYERS[layer],
      collapsed: layer !== 'services',
      items: of.filter(one => one.layer === layer).map(item),
    }))
    .filter(({ items }) => items.length > 0)

const isExample = ({ dir }: Package) => dir.startsWith('examples/')
const isTool = ({ dir }: Package) => !dir.includes('/')

export const sidebar: Item[] = [
  {
    text: 'Begin',
    items: [
      page('Ten-minute start', 'start'),
      page('Concepts', 'concepts'),
      page('The life of a packet', 'packet'),
    ],
  },
  {
    text: 'Run a node',
    items: [
      page('The connector', 'apps/connector'),
      page('In production', 'production'),
      ...(pages.has('docs/durability.md') ? [page('What can be lost', 'durability')] : []),
      page('Rejects', 'rejects'),
      page('From the Rust node', 'moving-from-rust'),
      page('From ilp-connector', 'moving-from-ilp-connector'),
      page('From Rafiki', 'moving-from-rafiki'),
    ],
  },
  {
    text: 'Build with it',
    items: [
      page('Architecture', 'architecture'),
      page('Write a service', 'write-a-service'),
      page('Write a store', 'write-a-store'),
      page('Decisions', 'decisions/'),
      page('What other nodes do wrong', 'comparison'),
      page('Figures', 'bench-results'),
    ],
  },
  {
    text: 'Packages',
    items: [
      ...byLayer(
        packages.filter(one => !isExample(one) && !isTool(one)),
        one => page(one.isPrivate ? one.dir.replace(/^packages\//, '') : one.name, routeOf(one)),
      ),
      {
        text: 'Examples and tools',
        collapsed: true,
        items: packages
          .filter(one => isExample(one) || isTool(one))
          .map(one => page(one.dir.replace(/^examples\//, ''), routeOf(one))),
      },
    ],
  },
  {
    text: 'API reference',
    items: byLayer(published, one => page(one.name, apiRouteOf(one))).map(layer => ({
      ...layer,
      collapsed: true,
    })),
  },
]
