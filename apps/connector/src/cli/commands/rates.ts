import type { Command } from 'commander'
import { segment } from '../admin-client.js'
import type { ShownRates } from '../api-types.js'
import type { CommandLine } from '../command-line.js'
import { moment } from '../durations.js'
import type { Style } from '../style.js'
import { fields, tableOr } from '../table.js'

export function rateCommands(program: Command, line: CommandLine): Command {
  const rates = line.group(program, 'rates', 'the node’s exchange rates', 'ilp-connector rates list')
  const { add } = line
  add(
    rates,
    'list',
    {
      description: 'list what a whole unit of each asset is worth, and the node’s spread',
      examples: ['ilp-connector rates list', 'ilp-connector rates list --json'],
    },
    async ({ node }) => {
      const shown = await (await node()).call<ShownRates>('GET', '/rates')
      return { document: shown, text: style => rateText(shown, style) }
    },
  )
  add<[string, string]>(
    rates,
    'set <code> <rate>',
    {
      description: 'set what a whole unit of an asset is worth, in place of what the provider says',
      examples: ['ilp-connector rates set EUR 1.08'],
      notes: 'In the currency that all rates share. It holds until it is unset, also after a restart.',
    },
    async ({ node }, [code, rate]) => {
      const set = await (await node()).call<object>('PUT', `/rates/${segment(code)}`, { body: { rate } })
      return { document: set, text: () => `a whole ${code} is worth ${rate} from now on` }
    },
  )
  add<[string]>(
    rates,
    'unset <code>',
    {
      description: 'give the price of an asset back to the provider',
      examples: ['ilp-connector rates unset EUR'],
    },
    async ({ node }, [code]) => {
      await (await node()).call('DELETE', `/rates/${segment(code)}`)
      return { document: { unset: code }, text: () => `the price of ${code} is no longer set by hand` }
    },
  )
  return rates
}

function rateText(
  { provider, spread, rates, overrides, asOfMs, isTooOld }: ShownRates,
  style: Style,
): string {
  const rows = Object.entries(rates)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, rate]) => [code, rate, Object.hasOwn(overrides, code) ? 'by hand' : 'provider'])
  if (provider === null && rows.length === 0) {
    return 'no exchange rates: only accounts of one asset code exchange'
  }
  const head = fields([
    ['provider', provider ?? 'none'],
    ['spread', spread],
    [
      'as of',
      asOfMs === undefined ? undefined : `${moment(asOfMs)}${isTooOld ? ', too old to be used' : ''}`,
    ],
  ])
  const columns = [{ title: 'asset' }, { title: 'worth', align: 'right' }, { title: 'set' }] as const
  return `${head}\n\n${tableOr('no rates yet', columns, rows, style)}`
}
