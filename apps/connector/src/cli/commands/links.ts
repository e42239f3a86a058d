import type { Command } from 'commander'
import { segment } from '../admin-client.js'
import { decimal } from '../amounts.js'
import type { ShownConnection, ShownHttpLink, ShownSettlement } from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { moment } from '../durations.js'
import type { Style } from '../style.js'
import { tableOr } from '../table.js'

export function connectionCommands(program: Command, { add, group }: CommandLine): Command {
  const connections = group(
    program,
    'connections',
    'the links to peers of this process of the node',
    'ilp-connector connections list',
  )
  add<[], { readonly http?: boolean }>(
    connections,
    'list',
    {
      description: 'list the BTP links that are up, and those that should be',
      examples: ['ilp-connector connections list', 'ilp-connector connections list --http --json'],
    },
    async ({ node }, _, { http }) => {
      if (http) {
        const links = await (await node()).all<ShownHttpLink>('/connections/http')
        return { document: links, text: style => httpTable(links, style) }
      }
      const found = await (await node()).all<ShownConnection>('/connections')
      return { document: found, text: style => connectionTable(found, style) }
    },
  ).option('--http', 'the accounts that packets are posted to instead')
  add<[string]>(
    connections,
    'reconnect <username>',
    {
      description: 'close the BTP links of an account; those that the node dials are dialled again',
      examples: ['ilp-connector connections reconnect bob'],
    },
    async ({ node }, [username]) => {
      await (await node()).call('POST', `/accounts/${segment(username)}/reconnect`)
      return { document: { reconnecting: username }, text: () => `the links of ${username} are closed` }
    },
  )
  return connections
}

const connectionTable = (connections: readonly ShownConnection[], style: Style): string =>
  tableOr(
    'no BTP links',
    [
      { title: 'account' },
      { title: 'state' },
      { title: 'dials' },
      { title: 'sessions', align: 'right' },
      { title: 'packets waiting', align: 'right' },
      { title: 'bytes unsent', align: 'right' },
    ],
    connections.map(({ account, isUp, dials, sessions, pending, unsentBytes }) => [
      account,
      isUp ? 'up' : 'down',
      dials ?? '',
      `${sessions}`,
      `${pending}`,
      `${unsentBytes}`,
    ]),
    style,
  )

const httpTable = (links: readonly ShownHttpLink[], style: Style): string =>
  tableOr(
    'no packets are posted to anybody',
    [
      { title: 'account' },
      { title: 'state' },
      { title: 'posts to' },
      { title: 'in flight', align: 'right' },
      { title: 'last success' },
      { title: 'last failure' },
    ],
    links.map(({ account, posts, isFailing, inFlight, lastSuccessAtMs, lastFailureAtMs, lastFailure }) => [
      account,
      isFailing ? 'failing' : lastSuccessAtMs === null ? 'not used yet' : 'up',
      posts,
      `${inFlight}`,
      lastSuccessAtMs === null ? '' : moment(lastSuccessAtMs),
      lastFailureAtMs === null ? '' : `${moment(lastFailureAtMs)} ${lastFailure ?? ''}`,
    ]),
    style,
  )

export function settlementCommands(program: Command, { add, group }: CommandLine): Command {
  const settlement = group(
    program,
    'settlement',
    'settlements on their way to engines',
    'ilp-connector settlement list',
  )
  add(
    settlement,
    'list',
    {
      description: 'list what no engine has acknowledged, and the engines',
      examples: ['ilp-connector settlement list', 'ilp-connector settlement list --json'],
    },
    async ({ node }) => {
      const query = { limit: 1_000 }
      const shown = await (await node()).call<ShownSettlement>('GET', '/settlement', { query })
      return { document: shown, text: style => settlementText(shown, style) }
    },
  )
  add(
    settlement,
    'retry',
    {
      description: 'make every request to engines now that waits for its next time',
      examples: ['ilp-connector settlement retry'],
    },
    async ({ node }) => {
      await (await node()).call('POST', '/settlement/retry')
      return { document: { retrying: true }, text: () => 'the requests are on their way' }
    },
  )
  return settlement
}

function settlementText({ outbox, outboxSize, orphans, engines }: ShownSettlement, style: Style): string {
  const entries = tableOr(
    'nothing is on its way to an engine',
    [{ title: 'account' }, { title: 'amount', align: 'right' }, { title: 'asset' }, { title: 'since' }],
    outbox.map(({ account, accountId, amount, asset, createdAtMs }) => [
      account ?? `${accountId} (gone)`,
      decimal(amount, asset),
      asset.code,
      moment(createdAtMs),
    ]),
    style,
  )
  const more = outboxSize > outbox.length ? [`… and ${outboxSize - outbox.length} more`] : []
  const lost = orphans > 0 ? [`${orphans} of them without an account or an engine`] : []
  const all = tableOr(
    'no engines',
    [
      { title: 'engine' },
      { title: 'state' },
      { title: 'accounts', align: 'right' },
      { title: 'waiting', align: 'right' },
      { title: 'last error' },
    ],
    engines.map(({ url, isUp, accounts, waiting, lastError }) => [
      url,
      isUp === null ? 'not asked yet' : isUp ? 'up' : 'down',
      `${accounts}`,
      `${waiting}`,
      lastError ? `${moment(lastError.atMs)} ${lastError.message}` : '',
    ]),
    style,
  )
  return [entries, ...more, ...lost, '', all].join('\n')
}
