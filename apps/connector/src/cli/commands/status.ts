import type { Command } from 'commander'
import type { AdminClient } from '../admin-client.js'
import { money } from '../amounts.js'
import type {
  ShownAccount,
  ShownAlert,
  ShownConnection,
  ShownPosition,
  ShownRoute,
  ShownSettlement,
} from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { EXIT, Failure } from '../failure.js'
import { harmless, type Style } from '../style.js'
import { fields } from '../table.js'

interface Status {
  readonly url: string
  /** Whether it takes packets. */
  readonly isReady: boolean
  /** Why not. */
  readonly trouble: string | null
  readonly address: string | null
  readonly accounts: { readonly total: number; readonly disabled: number }
  readonly connections: { readonly up: number; readonly down: readonly string[] }
  readonly routes: number
  readonly settlement: { readonly waiting: number; readonly enginesDown: readonly string[] }
  readonly positions: readonly ShownPosition[] | null
  readonly alerts: readonly ShownAlert[]
}

export const statusCommand = (program: Command, { add }: CommandLine): Command =>
  add(
    program,
    'status',
    {
      description: 'show how the node is',
      examples: [
        'ilp-connector status --config connector.yaml',
        'ilp-connector status --url http://127.0.0.1:7772 --token-file admin-token.txt --json',
      ],
      notes: 'The exit code is 1 when the node takes no packets.',
    },
    async ({ node }) => {
      const status = await statusOf(await node())
      return {
        document: status,
        text: style => statusText(status, style),
        exitCode: status.isReady ? EXIT.ok : EXIT.failed,
      }
    },
  )

async function statusOf(node: AdminClient): Promise<Status> {
  const [trouble, accounts, connections, routes, settlement, positions, alerts] = await Promise.all([
    troubleOf(node),
    node.all<ShownAccount>('/accounts'),
    node.all<ShownConnection>('/connections'),
    node.all<ShownRoute>('/routes'),
    unlessStoreIsDown(node.call<ShownSettlement>('GET', '/settlement')),
    unlessStoreIsDown(node.call<ShownPosition[]>('GET', '/positions')),
    node.all<ShownAlert>('/alerts'),
  ])
  return {
    url: node.url,
    isReady: trouble === undefined,
    trouble: trouble ?? null,
    address: routes.find(({ origin }) => origin === 'own')?.prefix ?? null,
    accounts: { total: accounts.length, disabled: accounts.filter(one => one.isDisabled).length },
    connections: {
      up: connections.filter(({ isUp }) => isUp).length,
      down: connections.filter(({ isUp }) => !isUp).map(({ account }) => account),
    },
    routes: routes.length,
    settlement: {
      waiting: settlement?.outboxSize ?? 0,
      enginesDown: settlement?.engines.filter(({ isUp }) => isUp === false).map(({ url }) => url) ?? [],
    },
    positions: positions ?? null,
    alerts,
  }
}

const isUnavailable = (error: unknown): error is Failure =>
  error instanceof Failure && error.details.status === 503

/** Why the node takes no packets; undefined when it does. */
const troubleOf = (node: AdminClient): Promise<string | undefined> =>
  node.call('GET', '/health').then(
    () => undefined,
    (error: unknown) => {
      if (isUnavailable(error)) return error.message
      throw error
    },
  )

const unlessStoreIsDown = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isUnavailable(error)) return undefined
    throw error
  })

/** What is listed of one kind. */
const SHOWN_MAX = 10

const more = (count: number): string[] =>
  count > SHOWN_MAX ? [`… and ${count - SHOWN_MAX} more: ilp-connector alerts`] : []

function statusText(status: Status, style: Style): string {
  const { accounts, connections, settlement, positions } = status
  const { down } = connections
  const head = status.isReady
    ? `${style('green', '✓')} ready: packets are taken`
    : `${style('red', '✗')} not ready: ${status.trouble}`
  const list = (names: readonly string[]) =>
    `${names.slice(0, SHOWN_MAX).join(', ')}${names.length > SHOWN_MAX ? ` and ${names.length - SHOWN_MAX} more` : ''}`
  const lines = fields([
    ['address', status.address ?? 'not known yet'],
    ['admin API', status.url],
    ['accounts', `${accounts.total}${accounts.disabled > 0 ? `, ${accounts.disabled} disabled` : ''}`],
    ['BTP links', `${connections.up} up${down.length > 0 ? `, ${down.length} down: ${list(down)}` : ''}`],
    ['routes', `${status.routes}`],
    [
      'settlement',
      `${settlement.waiting} waiting${settlement.enginesDown.length > 0 ? `, engines down: ${list(settlement.enginesDown)}` : ''}`,
    ],
    [
      'position',
      positions === null
        ? 'the store is out of reach'
        : list(positions.map(({ asset, balance }) => money(balance, asset))) || 'none yet',
    ],
  ])
  const alerts = status.alerts.map(({ account, message }) =>
    harmless(account === null ? message : `${account}: ${message}`),
  )
  const told = alerts.slice(0, SHOWN_MAX).map(text => style('yellow', `! ${text}`))
  return [head, lines, ...told, ...more(alerts.length)].join('\n')
}
