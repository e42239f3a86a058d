import { type Command, Option } from 'commander'
import { segment } from '../admin-client.js'
import type { ShownAlert, ShownReconciliation } from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { moment } from '../durations.js'
import type { Style } from '../style.js'
import { tableOr } from '../table.js'

const KINDS = [
  'balance-near-limit',
  'link-down',
  'settlement-stuck',
  'reconciliation-needed',
  'store-out-of-reach',
] as const satisfies readonly ShownAlert['kind'][]

export const alertsCommand = (program: Command, { add }: CommandLine): Command =>
  add<[], { readonly kind?: string }>(
    program,
    'alerts',
    {
      description: 'list what is not as it should be in this process of the node',
      examples: ['ilp-connector alerts', 'ilp-connector alerts --kind link-down --json'],
    },
    async ({ node }, _, { kind }) => {
      const found = await (await node()).all<ShownAlert>('/alerts', { kind })
      return { document: found, text: style => alertTable(found, style) }
    },
  ).addOption(new Option('--kind <kind>', 'only these').choices(KINDS))

const alertTable = (alerts: readonly ShownAlert[], style: Style): string =>
  tableOr(
    'no alerts',
    [{ title: 'since' }, { title: 'kind' }, { title: 'account' }, { title: 'what' }],
    alerts.map(({ raisedAtMs, kind, account, message }) => [
      moment(raisedAtMs),
      kind,
      account ?? '',
      message,
    ]),
    style,
  )

export function reconciliationCommands(program: Command, { add, group }: CommandLine): Command {
  const reconciliation = group(
    program,
    'reconciliation',
    'transfers that somebody has to compare with a peer’s books',
    'ilp-connector reconciliation list',
  )
  add(
    reconciliation,
    'list',
    {
      description: 'list those that nobody has seen to, the oldest first',
      examples: ['ilp-connector reconciliation list', 'ilp-connector reconciliation list --json'],
      notes: `late-fulfill: rejected here, and perhaps paid at the next hop. unbooked: relayed, and in no book. posted-late: booked
though its hold was gone, perhaps across a limit. Amounts are units of the accounts’ assets.`,
    },
    async ({ node }) => {
      const query = { limit: 1_000 }
      const shown = await (await node()).call<ShownReconciliation>('GET', '/reconciliation', { query })
      return { document: shown, text: style => reconciliationText(shown, style) }
    },
  )
  add<[string], { readonly reason: string }>(
    reconciliation,
    'settle <id>',
    {
      description: 'take a transfer off the list: it has been seen to; moves no money',
      examples: [
        'ilp-connector reconciliation settle 0b5e4c1e-7d1f-4d1b-9a51-6a3c8f1f2d10 --reason "bob has not paid it"',
      ],
      notes: 'Money is moved by ilp-connector accounts adjust.',
    },
    async ({ node }, [id], { reason }) => {
      await (await node()).call('DELETE', `/reconciliation/${segment(id)}`, { query: { reason } })
      return { document: { settled: id }, text: () => `${id} is off the list` }
    },
  ).requiredOption('--reason <text>', 'what was found, for whoever looks at it later')
  return reconciliation
}

function reconciliationText({ entries, size, unlisted }: ShownReconciliation, style: Style): string {
  const list = tableOr(
    'nothing is to be reconciled',
    [
      { title: 'at' },
      { title: 'kind' },
      { title: 'from' },
      { title: 'units', align: 'right' },
      { title: 'to' },
      { title: 'units', align: 'right' },
      { title: 'id' },
    ],
    entries.map(({ atMs, kind, from, incomingAmount, to, amount, id }) => [
      moment(atMs),
      kind,
      from,
      incomingAmount,
      to,
      amount,
      id,
    ]),
    style,
  )
  const more = size > entries.length ? [`… and ${size - entries.length} more`] : []
  const lost = unlisted > 0 ? [`${unlisted} more have found no place here: see the node’s log`] : []
  return [list, ...more, ...lost].join('\n')
}
