import { type Command, Option } from 'commander'
import type { ShownRoute } from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { moment } from '../durations.js'
import type { Style } from '../style.js'
import { tableOr } from '../table.js'

const ORIGINS = ['static', 'own', 'account', 'learned']

export function routeCommands(program: Command, line: CommandLine): Command {
  const routes = line.group(program, 'routes', 'the node’s routes', 'ilp-connector routes list')
  const { add } = line
  add<[], { readonly origin?: string }>(
    routes,
    'list',
    {
      description: 'list the routes in use, the best for each prefix',
      examples: ['ilp-connector routes list', 'ilp-connector routes list --origin static --json'],
    },
    async ({ node }, _, { origin }) => {
      const found = await (await node()).all<ShownRoute>('/routes', { origin })
      return { document: found, text: style => routeTable(found, style) }
    },
  ).addOption(new Option('--origin <origin>', 'only those from there').choices(ORIGINS))
  add<[string, string]>(
    routes,
    'add <prefix> <account>',
    {
      description: 'make a static route, or lead it to another account',
      examples: ['ilp-connector routes add test.carol bob', 'ilp-connector routes add "" parent'],
      notes: 'The prefix "" is for everything that no other one is for.',
    },
    async ({ node }, [prefix, account]) => {
      const made = await (await node()).call<object>('POST', '/routes', { body: { prefix, account } })
      return { document: made, text: () => `packets for ${shown(prefix)} go to ${account}` }
    },
  )
  add<[string]>(
    routes,
    'remove <prefix>',
    {
      description: 'remove a static route',
      examples: ['ilp-connector routes remove test.carol'],
    },
    async ({ node }, [prefix]) => {
      await (await node()).call('DELETE', '/routes', { query: { prefix } })
      return { document: { removed: prefix }, text: () => `the route for ${shown(prefix)} is removed` }
    },
  )
  return routes
}

const shown = (prefix: string): string => (prefix === '' ? '"" (everything else)' : prefix)

const routeTable = (routes: readonly ShownRoute[], style: Style): string =>
  tableOr(
    'no routes',
    [
      { title: 'prefix' },
      { title: 'next hop' },
      { title: 'origin' },
      { title: 'state' },
      { title: 'since' },
      { title: 'path' },
    ],
    routes.map(({ prefix, account, origin, isOfFile, isDown, sinceMs, path }) => [
      prefix === '' ? '""' : prefix,
      account ?? 'this node',
      isOfFile ? `${origin} (file)` : origin,
      isDown ? 'down' : 'up',
      moment(sinceMs),
      path.join(' '),
    ]),
    style,
  )
